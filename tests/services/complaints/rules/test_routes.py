"""Versions of the rules: everybody may read them, a later one holds from its day on."""

import copy
from typing import Any

import pytest

from tests.services.complaints.money import DECIDER, Money

pytestmark = pytest.mark.anyio


async def test_a_version_holds_from_its_day_on(money: Money) -> None:
    (example,) = (await money.ask("GET", "/v1/compensation-rules", scope=())).json()["items"]
    assert example["source"].startswith("example data")
    assert example["terms"]["caps"] == {
        "goods": 200_000_000,
        "foreign_goods": 30_000_000,
        "cash": 50_000_000,
        "bank_documents": 1_000_000_000,
    }
    terms = copy.deepcopy(example["terms"])
    terms["caps"]["goods"] = 1_000_000
    body: dict[str, Any] = {
        "code": "1398-2",
        "valid_from": "2019-03-22",
        "source": "letter 12",
        "terms": terms,
    }

    async def publish(**changes: Any) -> Any:
        return await money.ask(
            "POST", "/v1/compensation-rules", body | changes, scope="claims:decide", sub=DECIDER
        )

    assert (await publish(valid_from="2019-03-21")).json()["code"] == "compensation_rules_past"
    late = {"pishtaz": [{"hours": 9, "basis_points": 1}, {"hours": 9, "basis_points": 2}]}
    assert (await publish(terms=terms | {"late": late})).status_code == 422
    assert (await publish()).status_code == 201
    assert (await publish(code="other")).json()["code"] == "compensation_rules_exist"
    for day, code in (("2019-03-21", "example"), ("2019-03-22", "1398-2")):
        found = await money.ask("GET", f"/v1/compensation-rules/in-force?on={day}", scope=())
        assert found.json()["code"] == code
    assert (await money.ask("GET", "/v1/compensation-rules/in-force?on=1950-01-01")).json()[
        "code"
    ] == "compensation_rules_unknown"

    before = await money.opened(await money.posted())
    money.pass_days(1)
    after = await money.opened(await money.posted())
    assert (before["rules"], after["rules"]) == ("example", "1398-2")
    assert (before["amount_rials"] > 1_000_000, after["amount_rials"]) == (True, 1_000_000)
    assert after["worked"][-1]["step"] == "cap"
    (told,) = await money.api.events("compensation_rules.published")
    assert told["data"]["compensation_rules"]["code"] == "1398-2"
