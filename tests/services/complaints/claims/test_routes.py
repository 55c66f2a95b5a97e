"""Who may open a claim, what it is computed from, and what becomes of it until it is decided."""

from typing import Any

import httpx
import pytest

from tests.services.complaints.money import OFFICE, OFFICER, PAYEE, VALUE, Money
from tests.services.parcels.conftest import OTHER_SHOP, SHOP

pytestmark = pytest.mark.anyio


async def test_a_claim_shows_how_it_was_worked_out(money: Money) -> None:
    barcode = await money.posted()
    claim = await money.opened(barcode, payee=None, liable_office=OFFICE)
    assert (claim["status"], claim["origin"], claim["rules"]) == (
        "payee_needed",
        "officer",
        "example",
    )
    steps = {step["step"]: step["rials"] for step in claim["worked"]}
    assert (steps["declared_value"], steps["time_bar"]) == (VALUE, 0)
    assert steps["postage"] > 0
    assert claim["amount_rials"] == sum(steps.values())
    again = await money.ask("POST", "/v1/claims", {"barcode": barcode, "cause": "loss"})
    assert (again.status_code, again.json()["code"]) == (409, "claim_exists")

    path = f"/v1/claims/{claim['id']}"
    bad = await money.ask("PUT", f"{path}/payee", PAYEE | {"sheba": "IR820540102680020817909003"})
    assert bad.status_code == 422
    named = await money.ask("PUT", f"{path}/payee", PAYEE)
    assert named.json()["status"] == "proposed"
    assert named.json()["payee"] == {
        "sheba_masked": "IR**054***************9002",
        "holder_name": PAYEE["holder_name"],
    }
    found = {"loss_rials": 1_000_000, "note": "از محتویات فقط ظرف شکسته است"}
    assessed = (await money.ask("POST", f"{path}/assessments", found)).json()
    assert (assessed["status"], assessed["amount_rials"]) == (
        "proposed",
        1_000_000 + steps["postage"],
    )
    seen = await money.get(claim)
    assert [step["status"] for step in seen["steps"]] == [
        "assessing",
        "payee_needed",
        "proposed",
        "proposed",
    ]
    assert (seen["liable_office"], seen["proposed_by"], seen["round"]) == (OFFICE, OFFICER, 3)
    declined = await money.ask(
        "POST", f"{path}/decline", {"note": "به گیرنده تحویل شده است"}, scope="claims:decide"
    )
    assert declined.json()["status"] == "declined"
    assert (await money.opened(barcode))["id"] != claim["id"]
    told = await money.api.events()
    assert PAYEE["sheba"] not in str(told)
    assert PAYEE["holder_name"] not in str(told)
    listed = await money.ask("GET", f"/v1/claims?barcode={barcode}", scope="complaints:read")
    assert [one["status"] for one in listed.json()["items"]] == ["proposed", "declined"]


async def test_a_complainant_and_a_partner_ask_for_their_own(money: Money) -> None:
    barcode, others = await money.posted(), await money.posted()
    filed = (
        await money.ask(
            "POST",
            "/v1/complaints",
            {
                "about": {"kind": "parcel", "barcode": barcode},
                "category": "loss",
                "text": "بسته گم شده است",
                "complainant": {"name": "زهرا احمدی", "phone": "09161234567"},
            },
            scope=(),
        )
    ).json()
    mine = {"Susa-Case-Secret": filed["secret"]}

    async def ask(headers: dict[str, str], **body: Any) -> httpx.Response:
        asked = {"barcode": barcode, "case": filed["number"], "cause": "loss"} | body
        return await money.api.client.post("/v1/claims", json=asked, headers=headers)

    assert (await ask({})).status_code == 401
    assert (await ask({"Susa-Case-Secret": "wrong"})).json()["code"] == "case_unknown"
    assert (await ask(mine, barcode=others)).status_code == 422
    assert (await ask(mine, cause="cod_not_remitted")).status_code == 403
    claim = (await ask(mine, payee=PAYEE, loss_rials=9_000_000)).json()
    assert (claim["origin"], claim["status"], claim["asked_rials"]) == (
        "person",
        "proposed",
        9_000_000,
    )
    assert claim["amount_rials"] < 9_000_000  # what was declared bounds it
    damage = (await ask(mine, cause="damage", loss_rials=1_000)).json()
    assert (damage["status"], damage["reason"]) == ("assessing", "loss_needed")
    path = f"/v1/claims/{claim['id']}"
    shown = (await money.api.client.get(path, headers=mine)).json()
    assert shown["case_number"] == filed["number"]
    assert not {"steps", "liable_office", "opened_by"} & shown.keys()
    for stranger in (
        {},
        {"Susa-Case-Secret": "x"},
        money.api.headers("parcels:read", sub=OTHER_SHOP),
    ):
        assert (await money.api.client.get(path, headers=stranger)).status_code == 404

    shop = money.api.headers("parcels:read", sub=SHOP)
    foreign = money.api.headers("parcels:read", sub=OTHER_SHOP)
    asked = {"barcode": others, "cause": "return_without_cause"}
    assert (
        await money.api.client.post("/v1/claims", json=asked, headers=foreign)
    ).status_code == 422
    made = await money.api.client.post("/v1/claims", json=asked, headers=shop)
    assert (made.status_code, made.json()["origin"]) == (201, "partner")
    own = (await money.api.client.get("/v1/own-claims", headers=shop)).json()["items"]
    assert {one["id"] for one in own} == {claim["id"], damage["id"], made.json()["id"]}
    assert (await money.api.client.get("/v1/own-claims", headers=foreign)).json()["items"] == []


async def test_time_bars_and_what_is_not_due(money: Money) -> None:
    barcode = await money.posted()
    unknown = await money.ask(
        "POST", "/v1/claims", {"barcode": "610000000000000042731729", "cause": "loss"}
    )
    assert unknown.status_code == 422
    cod = await money.opened(barcode, cause="cod_not_remitted")
    assert (cod["status"], cod["reason"], cod["amount_rials"]) == ("declined", "nothing_due", 0)
    money.pass_days(366)
    in_time = await money.opened(barcode)
    assert in_time["status"] == "proposed"  # 2020 is a leap year
    body = {"note": "بعداً دیده شود"}
    await money.ask("POST", f"/v1/claims/{in_time['id']}/decline", body, scope="claims:decide")
    money.pass_days(1)
    late = await money.opened(barcode)
    assert (late["status"], late["reason"]) == ("declined", "time_barred")


async def test_opened_while_parcels_is_down(money: Money) -> None:
    barcode = await money.posted()
    runtime = money.api.app.state.runtime
    clients = runtime.clients
    runtime.clients = {**clients, "parcels": _down()}
    claim = await money.opened(barcode)
    assert (claim["status"], claim["amount_rials"]) == ("assessing", None)
    shop = money.api.headers("parcels:read", sub=SHOP)
    asked = {"barcode": barcode, "cause": "damage"}
    assert (await money.api.client.post("/v1/claims", json=asked, headers=shop)).status_code == 503
    runtime.clients = clients
    await money.work()
    assert await money.status(claim) == "proposed"


def _down() -> httpx.AsyncClient:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    return httpx.AsyncClient(transport=httpx.MockTransport(refuse), base_url="http://parcels.test")
