"""Claims that open themselves, and what a parcel that is found again does to them."""

from datetime import timedelta

import pytest

from services.parcels.breaches.keeping import Keeper
from tests.services.complaints.money import PAYEE, Money
from tests.services.parcels.conftest import SHOP

pytestmark = pytest.mark.anyio


async def test_a_lost_parcel_opens_its_claim_itself(money: Money) -> None:
    barcode = await money.posted()
    await money.lost(barcode)
    shop = money.api.headers("parcels:read", sub=SHOP)
    (claim,) = (await money.api.client.get("/v1/own-claims", headers=shop)).json()["items"]
    assert (claim["status"], claim["origin"], claim["cause"]) == ("payee_needed", "itself", "loss")
    assert claim["amount_rials"] > 0
    path = f"/v1/claims/{claim['id']}"
    early = await money.approve(claim)
    assert early.json()["code"] == "claim_state"
    named = await money.api.client.put(f"{path}/payee", json=PAYEE, headers=shop)
    assert named.json()["status"] == "proposed"
    await money.approve(claim)
    await money.work()
    await money.pay()
    assert await money.status(claim) == "paid"
    # found when it is paid: shown as reopened, its money stays where it is
    await money.found(barcode)
    shown = await money.get(claim)
    assert (shown["status"], shown["steps"][-1]["note"]) == ("paid", "found")
    assert shown["reopened_at"] is not None
    await money.audited()


async def test_found_before_a_bank_has_it(money: Money) -> None:
    waiting, ordered, fetched = [await money.posted() for _ in range(3)]
    claims = {}
    for barcode in (waiting, ordered, fetched):
        await money.lost(barcode)
        # the sender asks all the same: he joins what opened itself
        claims[barcode] = await money.opened(barcode)
        assert claims[barcode]["origin"] == "itself"
    await money.approve(claims[fetched])
    await money.work()
    (order,) = await money.fetched()
    await money.approve(claims[ordered])
    await money.work()
    for barcode in (waiting, ordered, fetched):
        await money.found(barcode)
    await money.work()
    assert await money.status(claims[waiting]) == "reopened"
    assert await money.status(claims[ordered]) == "voided"
    assert await money.status(claims[fetched]) == "ordered"  # that one is the bank's to answer
    assert await money.fetched() == []
    await money.answered(order, "refuse")
    assert await money.status(claims[fetched]) == "refused"
    assert all([(await money.get(claim))["reopened_at"] for claim in claims.values()])
    path = f"/v1/claims/{claims[waiting]['id']}/assessments"
    again = await money.ask("POST", path, {"note": "محتویات خراب شده بود", "loss_rials": 1_000})
    assert again.json()["status"] == "proposed"
    await money.audited()


async def test_late_beyond_the_rule(money: Money) -> None:
    """A delivery hours late is not compensated, one days late is; nobody had to ask."""
    soon, late, never = [await money.posted() for _ in range(3)]
    keeper = Keeper()
    api = money.parcels.api
    shown = await money.parcels.get(soon)
    promised = shown["promised_at"]
    assert promised is not None

    async def deliver(barcode: str) -> None:
        out = money.parcels.one(barcode, "out_for_delivery", -5)
        done = money.parcels.one(barcode, "delivered", -1)
        assert await money.parcels.results(out, done) == ["recorded", "recorded"]

    async def breach() -> None:
        async with api.database.transaction() as session:
            await keeper.on_scanned(session, await api.events("parcel.status_changed"))
        await keeper.find_breaches(api.database, api.clock)
        await money.work()

    api.clock.at = type(api.clock.at).fromisoformat(promised) + timedelta(hours=2)
    await breach()
    await deliver(soon)
    await money.work()
    assert (await money.ask("GET", "/v1/claims", scope="complaints:read")).json()["items"] == []
    api.clock.at += timedelta(hours=30)
    await deliver(late)
    await money.work()
    (claim,) = (await money.ask("GET", "/v1/claims", scope="complaints:read")).json()["items"]
    assert (claim["barcode"], claim["cause"], claim["status"]) == (late, "delay", "payee_needed")
    half = claim["amount_rials"]
    api.clock.at += timedelta(hours=60)
    await money.work()
    listed = (await money.ask("GET", "/v1/claims", scope="complaints:read")).json()["items"]
    whole = {one["barcode"]: one["amount_rials"] for one in listed}
    assert whole == {late: half, never: 2 * half}
