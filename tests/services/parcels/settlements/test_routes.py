"""Settling many partners at once, the past under backfill, and pages delivered again."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from services.parcels.settlements import service
from tests.services.parcels.cash import BANK, OFFICE, SHEBA, Cash
from tests.services.parcels.conftest import SHOP, Parcels

pytestmark = pytest.mark.anyio

SHOPS = [str(uuid.UUID(int=n)) for n in (11, 12, 13)]


@pytest.fixture
async def cash(parcels: Parcels) -> Cash:
    return Cash(parcels)


async def three_shops(cash: Cash) -> None:
    """Cash due to three shops, of whom the last has no account known."""
    for n, shop in enumerate(SHOPS):
        booked = (await cash.parcels.book(sub=shop, cod_rials=1_000 * (n + 1))).json()
        legs = (("acceptance", -60), ("held_at_counter", -50), ("delivered", -40))
        await cash.scan(*(cash.parcels.one(booked["barcode"], *leg) for leg in legs))
    await cash.follow()
    assert (await cash.close(6_000)).status_code == 201
    for shop in SHOPS[:2]:
        assert (await cash.register(shop)).status_code == 201


async def test_each_partner_gets_an_order_of_its_own(
    cash: Cash, monkeypatch: pytest.MonkeyPatch
) -> None:
    await three_shops(cash)
    monkeypatch.setattr(service, "PARTNERS_MAX", 2)
    first = await cash.settle()
    assert [one["amount_rials"] for one in first["settled"]] == [1_000, 2_000]
    assert (first["skipped"], first["next"]) == ([], SHOPS[1])
    rest = await cash.settle(after=first["next"])
    assert (rest["settled"], rest["next"]) == ([], None)
    assert rest["skipped"] == [{"partner": SHOPS[2], "due_rials": 3_000, "reason": "no_payee"}]
    assert (await cash.settle(partners=SHOPS[:1]))["skipped"][0]["reason"] == "nothing_due"
    body = {"partners": SHOPS}
    assert (await cash.post("/v1/settlements", body, by="parcels:read")).status_code == 403
    again = [await cash.post("/v1/settlements", body, key="k") for _ in range(2)]
    assert again[0].text == again[1].text
    told = await cash.api.events("payment_order.prepared")
    assert [len(event["data"]["items"]) for event in told] == [2]
    own = await cash.get("/v1/settlements", scope="parcels:read", sub=SHOPS[1])
    assert [one["amount_rials"] for one in own["items"]] == [2_000]
    orders = await cash.fetch()
    assert len({order["beneficiary"] for order in orders}) == 2
    found = await cash.audited()
    assert (found.owed_rials, found.paid_rials) == (6_000, 0)


async def test_outcomes_told_again_change_nothing(cash: Cash) -> None:
    """The consumer's page of another life: its cursor lost, all events come once more."""
    await three_shops(cash)
    await cash.settle()
    first, second = await cash.fetch()
    await cash.confirm(first)
    await cash.answer(second, "refuse", reason="no")
    before = await cash.audited()
    async with cash.api.database.transaction() as session:
        await session.execute(text("DELETE FROM feed_cursor"))
    assert await Cash(cash.parcels).audited() == before
    (settled,) = (await cash.settle())["settled"]
    assert (settled["partner"], settled["amount_rials"]) == (SHOPS[1], 2_000)
    await cash.audited()


async def test_the_past_is_dated_as_told(cash: Cash) -> None:
    """Under backfill, ledger and all: the order of a day two years ago."""
    at = "2017-05-01T08:00:00Z"
    past = {"occurred_at": at}

    async def send(path: str, body: dict[str, Any]) -> Any:
        scopes = ("accounts:write", "cash:count", "payments:execute", "backfill")
        headers = cash.api.headers(*scopes, sub=BANK, kind="staff")
        headers |= {"Idempotency-Key": str(uuid.uuid4())}
        answer = await cash.api.client.post(path, json=body, headers=headers)
        assert answer.status_code in {200, 201, 422}, answer.text
        return answer.json()

    (barcode,) = await cash.parcels.booked(1, cod_rials=1_000)
    legs = ("acceptance", "held_at_counter", "delivered")
    await cash.scan(*(cash.parcels.one(barcode, leg, occurred_at=at) for leg in legs))
    await cash.follow()
    payee = {"partner": SHOP, "sheba": SHEBA, "holder_name": "x", "source": "x"}
    await send("/v1/payees", payee | {"valid_from": "2016-03-20"})
    closing = {"day": "2017-05-01", "counted_rials": 1_000}
    assert (await send(f"/v1/drawers/{OFFICE}/closes", closing | past))["occurred_at"] == at
    await send("/v1/settlements", past)
    (order,) = (await send("/v1/bank/payment-orders/fetch", past))["orders"]
    said = {"trace_number": "OLD", "amount_rials": 1_000}
    paid = await send(f"/v1/bank/payment-orders/{order['id']}/confirm", said | past)
    assert {paid[name] for name in ("prepared_at", "fetched_at", "answered_at")} == {at}
    async with cash.api.database.transaction() as session:
        years = await session.execute(
            text(
                "SELECT DISTINCT extract(year FROM occurred_at)::int FROM"
                " (SELECT occurred_at FROM ledger_transfer UNION ALL"
                " SELECT occurred_at FROM ledger_outcome) AS moved"
            )
        )
        assert list(years.scalars()) == [2017]
    plain = await cash.post("/v1/settlements", past)
    assert (plain.status_code, plain.json()["code"]) == (403, "forbidden")
    later = (cash.api.clock.now() + timedelta(days=1)).isoformat()
    refused = await send("/v1/settlements", {"occurred_at": later})
    assert refused["errors"][0]["field"] == "body.occurred_at"
    await cash.audited()
