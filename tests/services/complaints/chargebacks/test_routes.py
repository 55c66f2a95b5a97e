"""What an office answers for is taken from its commission, unless its appeal is heard."""

from typing import Any

import pytest

from services.complaints.chargebacks.domain import OFFICES, RECOVERED
from tests.services.complaints.money import DECIDER, OFFICE, PAYEE, Money

pytestmark = pytest.mark.anyio


async def charged(money: Money) -> dict[str, Any]:
    """The charge back of a claim that was paid."""
    claim = await money.opened(await money.posted(), liable_office=OFFICE)
    await money.approve(claim)
    await money.work()
    await money.pay()
    listed = await money.ask("GET", f"/v1/charge-backs?office={OFFICE}", scope="complaints:read")
    (made, *_) = listed.json()["items"]
    assert (made["claim"], made["status"]) == (claim["id"], "announced")
    assert made["amount_rials"] == claim["amount_rials"]
    found: dict[str, Any] = made
    return found


async def deducted(money: Money) -> list[int]:
    listed = await money.ask(
        "GET",
        f"/v1/commission-deductions?office={OFFICE}",
        scope="accounts:write",
        at=money.parcels.api,
    )
    return [one["amount_rials"] for one in listed.json()["items"]]


async def state(money: Money, made: dict[str, Any]) -> str:
    found = await money.ask("GET", f"/v1/charge-backs/{made['id']}", scope="complaints:read")
    status: str = found.json()["status"]
    return status


async def test_deducted_when_nobody_appeals_and_given_back_by_a_ruling(money: Money) -> None:
    made = await charged(money)
    amount = made["amount_rials"]
    money.pass_days(13)
    await money.work()
    assert await deducted(money) == []
    money.pass_days(1)
    await money.work()
    await money.work()
    assert (await state(money, made), await deducted(money)) == ("deducted", [amount])
    assert await money.balance(OFFICES) == (amount, 0)
    path = f"/v1/charge-backs/{made['id']}"
    late = await money.ask("POST", f"{path}/appeal", {"reason": "کیسه سالم بود"})
    assert (late.status_code, late.json()["code"]) == (409, "charge_back_state")
    ruled = await money.ask(
        "POST",
        f"{path}/ruling",
        {"decision": "lift", "reason": "دفتر دیگر مسئول بود"},
        scope="claims:decide",
        sub=DECIDER,
    )
    assert ruled.json()["status"] == "lifting"
    await money.work()
    assert (await state(money, made), sum(await deducted(money))) == ("lifted", 0)
    # another office answers for it after all
    path = f"/v1/claims/{made['claim']}/liability"
    wanted = {"office": "KZ00002", "reason": "کیسه آنجا باز شد"}
    assert (await money.ask("POST", path, wanted)).status_code == 200
    again = await money.ask("POST", path, wanted)
    assert (again.status_code, again.json()["code"]) == (409, "already_charged_back")
    listed = await money.ask("GET", "/v1/charge-backs?office=KZ00002", scope="complaints:read")
    assert [(one["status"], one["amount_rials"]) for one in listed.json()["items"]] == [
        ("announced", amount)
    ]
    assert await money.balance(RECOVERED) == (0, 0)
    assert (await money.audited()).charged_back_rials == 0


async def test_an_appeal_waits_for_its_ruling(money: Money) -> None:
    made = await charged(money)
    path = f"/v1/charge-backs/{made['id']}"
    appealed = await money.ask("POST", f"{path}/appeal", {"reason": "کیسه سالم بود"}, sub=DECIDER)
    assert (appealed.json()["status"], appealed.json()["deduct_at"]) == ("appealed", None)
    money.pass_days(100)
    await money.work()
    assert await deducted(money) == []
    ruling = {"decision": "uphold", "reason": "پلمب کیسه شکسته بود"}
    own = await money.ask("POST", f"{path}/ruling", ruling, scope="claims:decide", sub=DECIDER)
    assert own.status_code == 403
    upheld = await money.ask("POST", f"{path}/ruling", ruling, scope="claims:decide")
    assert upheld.json()["status"] == "due"
    await money.work()
    assert await deducted(money) == [made["amount_rials"]]
    steps = (await money.ask("GET", path, scope="complaints:read")).json()["steps"]
    assert [one["status"] for one in steps] == ["announced", "appealed", "due", "deducted"]
    assert (await money.audited()).charged_back_rials == made["amount_rials"]


async def test_money_that_came_back_is_borne_by_nobody(money: Money) -> None:
    claim = await money.opened(await money.posted(), liable_office=OFFICE, payee=PAYEE)
    await money.approve(claim)
    await money.work()
    (order,) = await money.pay()
    await money.answered(order, "return", trace_number="R-1")
    (made,) = (await money.ask("GET", "/v1/charge-backs", scope="complaints:read")).json()["items"]
    assert made["status"] == "lifted"
    money.pass_days(30)
    await money.work()
    assert await deducted(money) == []
    await money.audited()
