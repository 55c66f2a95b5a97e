"""Cash on delivery from the door to the shop's account, through the API and the consumers."""

import asyncio
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import text

from services.parcels.cod.audit import audit_cod
from tests.services.parcels.cash import BANK, COURIER, OFFICE, OTHER_COURIER, Cash
from tests.services.parcels.conftest import OTHER_SHOP, SHOP, Parcels

pytestmark = pytest.mark.anyio


@pytest.fixture
async def cash(parcels: Parcels) -> Cash:
    return Cash(parcels)


async def test_cash_goes_from_the_door_to_the_shop(cash: Cash) -> None:
    barcodes = await cash.delivered(3, 250_000)
    (owed,) = (await cash.get("/v1/cod/owed"))["items"]
    assert (owed["place"], owed["collector"], owed["items"]) == ("courier", COURIER, 3)
    assert owed["amount_rials"] == 750_000
    assert (await cash.hand_in(750_000)).json()["expected_rials"] == 750_000
    (owed,) = (await cash.get("/v1/cod/owed"))["items"]
    assert (owed["place"], owed["office"]) == ("office", OFFICE)
    drawer = await cash.get(f"/v1/drawers/{OFFICE}")
    assert (drawer["expected_rials"], drawer["last_closed"]) == (750_000, None)
    assert (await cash.close(750_000)).json()["difference_rials"] == 0
    (owed,) = (await cash.get("/v1/cod/owed"))["items"]
    assert (owed["place"], owed["partner"], owed["items"]) == ("due", SHOP, 3)
    assert (await cash.settle())["skipped"] == [
        {"partner": SHOP, "due_rials": 750_000, "reason": "no_payee"}
    ]
    assert (await cash.register()).status_code == 201
    (settled,) = (await cash.settle())["settled"]
    assert (settled["items"], settled["amount_rials"]) == (3, 750_000)
    (order,) = await cash.fetch()
    assert (order["reference"], order["sheba"][:4]) == (settled["reference"], "IR82")
    mine = await cash.get("/v1/cod", scope="parcels:read")
    assert {item["state"] for item in mine["items"]} == {"ordered"}
    assert (await cash.confirm(order)).json()["status"] == "paid"
    found = await cash.audited()
    assert (found.taken_rials, found.paid_rials, found.owed_rials) == (750_000, 750_000, 0)
    mine = await cash.get("/v1/cod?limit=2", scope="parcels:read")
    more = await cash.get(f"/v1/cod?cursor={mine['next']}", scope="parcels:read")
    listed = [*mine["items"], *more["items"]]
    assert {item["barcode"] for item in listed} == set(barcodes)
    assert {(item["state"], item["payment_order"]) for item in listed} == {("paid", order["id"])}
    (own,) = (await cash.get("/v1/settlements", scope="parcels:read"))["items"]
    assert (own["status"], own["trace_number"]) == ("paid", "T-1")
    of_order = await cash.get(f"/v1/cod?payment_order={order['id']}", scope="parcels:read")
    assert len(of_order["items"]) == 3
    for path in ("/v1/cod", f"/v1/cod?payment_order={order['id']}", "/v1/settlements"):
        assert (await cash.get(path, scope="parcels:read", sub=OTHER_SHOP))["items"] == []
    assert (await cash.get("/v1/cod/owed"))["items"] == []
    assert await cash.balance("cod/collected") == 0


async def test_who_has_the_cash(cash: Cash) -> None:
    """At the counter the office itself; an item without cash on delivery concerns nobody."""
    (counter,) = await cash.parcels.booked(1, cod_rials=7_000)
    (plain,) = await cash.parcels.booked(1)
    for barcode in (counter, plain):
        legs = (("acceptance", 1), ("held_at_counter", 2), ("delivered", 3))
        await cash.scan(*(cash.parcels.one(barcode, event, at) for event, at in legs))
    await cash.delivered(1, 5_000, by=OTHER_COURIER, office="KZ00002")
    taken = (await cash.get(f"/v1/cod/takings?office={OFFICE}"))["items"]
    assert [(item["barcode"], item["collector"]) for item in taken] == [(counter, None)]
    taken = (await cash.get(f"/v1/cod/takings?collector={OTHER_COURIER}"))["items"]
    assert [(item["office"], item["amount_rials"]) for item in taken] == [("KZ00002", 5_000)]
    first = await cash.get("/v1/cod/owed?limit=1")
    rest = await cash.get(f"/v1/cod/owed?cursor={first['next']}")
    assert [item["place"] for item in first["items"] + rest["items"]] == ["courier", "office"]
    told = await cash.api.events("cod.taken")
    assert sum(len(event["data"]["items"]) for event in told) == 2
    for query, count in (("", 2), (f"?partner={SHOP}&collector={COURIER}", 0)):
        assert len((await cash.get(f"/v1/cod/takings{query}"))["items"]) == count
    headers = cash.api.headers("accounts:write", kind="staff")
    for query in ("office=KZ99999", "collector=%20", "cursor=WyJ4Il0"):
        answer = await cash.api.client.get(f"/v1/cod/takings?{query}", headers=headers)
        assert answer.status_code == 422, query
    assert (await cash.audited()).takings == 2


async def test_the_same_delivery_is_taken_once(cash: Cash) -> None:
    """Sent again, told again, and scanned by a second device."""
    (barcode,) = await cash.parcels.booked(1, cod_rials=9_000)
    scans = cash.journey([barcode])
    await cash.scan(*scans)
    await cash.scan(*scans)
    await cash.follow()
    second = cash.parcels.one(barcode, "delivered", -10)
    await cash.scan(second, by=OTHER_COURIER)
    await cash.follow()
    taken = (await cash.get(f"/v1/cod/takings?partner={SHOP}"))["items"]
    assert [(item["taking"], item["collector"]) for item in taken] == [(1, COURIER)]
    # an earlier delivery comes to light while nobody has counted the cash: it is the other's
    await cash.scan(cash.parcels.one(barcode, "delivered", -25), by=OTHER_COURIER)
    await cash.follow()
    taken = (await cash.get(f"/v1/cod/takings?partner={SHOP}"))["items"]
    assert [(item["place"], item["collector"]) for item in taken] == [
        ("reversed", COURIER),
        ("courier", OTHER_COURIER),
    ]
    found = await cash.audited()
    assert (found.takings, found.owed_rials) == (2, 9_000)


async def test_a_delivery_that_did_not_occur_is_taken_back(cash: Cash) -> None:
    """Wherever its money is by then: with the courier, the office, due, ordered or paid."""
    await cash.register()
    for stage in ("courier", "office", "due", "ordered", "paid"):
        cash.api.clock.at += timedelta(days=1)
        day = cash.api.clock.now().date().isoformat()
        (barcode,) = await cash.delivered(1, 1_000)
        shop_before = await cash.balance(f"cod/shop/{SHOP}")
        if stage != "courier":
            assert (await cash.hand_in(1_000, stage, note="x")).status_code == 201
        if stage in {"due", "ordered", "paid"}:
            drawer = await cash.get(f"/v1/drawers/{OFFICE}")
            await cash.close(drawer["expected_rials"], day)
        if stage in {"ordered", "paid"}:
            await cash.settle()
            (order,) = await cash.fetch()
        if stage == "paid":
            assert (await cash.confirm(order, stage)).status_code == 200
            await cash.follow()
            shop_before = await cash.balance(f"cod/shop/{SHOP}")
        await cash.takes_back(barcode)
        await cash.audited()
        assert await cash.balance(f"cod/shop/{SHOP}") == shop_before + 1_000, stage
        if stage == "ordered":  # refused: nothing of it is due again
            assert (await cash.answer(order, "refuse", reason="no")).status_code == 200
            await cash.audited()
            assert (await cash.settle())["settled"] == []
    told = await cash.api.events("cod.reversed")
    assert len(told) == 5
    # what the shop was paid without cause is kept back from what comes next
    await cash.delivered(3, 1_000)
    cash.api.clock.at += timedelta(days=1)
    counted = await cash.hand_in(0, "last", note="he has some to come from us")
    assert counted.status_code == 201
    drawer = await cash.get(f"/v1/drawers/{OFFICE}")
    await cash.close(drawer["expected_rials"], cash.api.clock.now().date().isoformat())
    (settled,) = (await cash.settle(partners=[SHOP]))["settled"]
    assert (settled["items_rials"], settled["carried_rials"]) == (3_000, -1_000)
    assert settled["amount_rials"] == 2_000
    await cash.audited()


async def test_a_delivery_corrected_and_delivered_again(cash: Cash) -> None:
    """The consumer goes by the item as it is, so that events told late or together end the same."""
    (barcode,) = await cash.parcels.booked(1, cod_rials=4_000)
    await cash.scan(*cash.journey([barcode]))
    legs = (("return_started", -40), ("returned", -30))
    await cash.scan(*(cash.parcels.one(barcode, event, at) for event, at in legs))
    await cash.follow()  # both at once: as if it had never been delivered
    assert (await cash.audited()).takings == 0
    await cash.scan(cash.parcels.one(barcode, "delivered", -45))
    assert (await cash.audited()).owed_rials == 4_000


async def test_two_workers_take_once(cash: Cash) -> None:
    barcodes = await cash.parcels.booked(20, cod_rials=100)
    await cash.scan(*cash.journey(barcodes))
    await cash.api.publish()
    other = Cash(cash.parcels)
    await asyncio.gather(cash.follow(), other.follow(), return_exceptions=True)
    assert (await cash.audited()).takings == 20


async def test_the_audit_can_fail(cash: Cash) -> None:
    await cash.due(2, 500)
    assert (await cash.audited()).owed_rials == 1_000
    spoils = (
        "UPDATE cod_taking SET amount_rials = 499 WHERE taking = 1",
        "UPDATE cash_holder SET carried_rials = 1",
        "UPDATE cod_taking SET place = 2",
        f"UPDATE cod_taking SET place = 4, payment_order = '{uuid.uuid4()}'",
    )
    for spoil in spoils:
        async with cash.api.database.engine.connect() as connection:
            transaction = await connection.begin()
            await connection.execute(text(spoil))
            await transaction.commit()
        assert not (await audit_cod(cash.api.database)).clean, spoil
    assert BANK
