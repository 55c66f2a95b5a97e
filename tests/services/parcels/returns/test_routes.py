"""Customers' returns through the API: in time, once, by those who may."""

import asyncio
import uuid
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from services.parcels.audit import audit_custody
from services.parcels.vocabulary import Payer
from tests.services.parcels.conftest import OTHER_SHOP, Parcels, office_event

pytestmark = pytest.mark.anyio


class Customer:
    def __init__(self, parcels: Parcels) -> None:
        self.parcels = parcels
        self.client = parcels.client

    async def delivered(self, **changes: Any) -> str:
        (barcode,) = await self.parcels.booked(1, **changes)
        scans = [("acceptance", "KZ00003"), ("departure", "KZ00003"), ("arrival", "KZ00001")]
        await self.parcels.results(
            *(
                self.parcels.one(barcode, event, n - 60, office=office)
                for n, (event, office) in enumerate([*scans, ("delivered", "KZ00001")])
            )
        )
        return barcode

    async def by_owner(self, barcode: str, key: str | None = None, **body: Any) -> httpx.Response:
        headers = self.parcels.shop() | {"Idempotency-Key": key or str(uuid.uuid4())}
        return await self.client.post(f"/v1/parcels/{barcode}/return", json=body, headers=headers)

    async def by_recipient(self, barcode: str, last4: str, **body: Any) -> httpx.Response:
        return await self.client.post(
            f"/v1/tracking/{barcode}/return",
            json={"phone_last_four": last4, **body},
            headers={"Idempotency-Key": str(uuid.uuid4())},
        )

    async def at_counter(self, code: str) -> httpx.Response:
        return await self.client.get(f"/v1/returns/{code}", headers=self.parcels.clerk())


@pytest.fixture
async def customer(parcels: Parcels) -> Customer:
    return Customer(parcels)


async def test_a_return_is_a_booking_of_its_own(customer: Customer) -> None:
    parcels = customer.parcels
    barcode = await customer.delivered(origin_office="KZ00003")
    answer = await customer.by_recipient(barcode, "6789", reason="اندازه نبود")
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["return_of"], made["asked_by"]) == (barcode, "recipient")
    assert made["hand_in_until"] == "2019-04-04T19:30:00Z"
    carrier = await parcels.get(made["barcode"])
    assert (carrier["status"], carrier["origin_office"]) == ("booked", "KZ00001")
    assert carrier["price_rials"] == made["price_rials"] == 57_500
    row = await parcels.api.database.hot.fetchrow(
        "SELECT y.*, p.to_town FROM parcel_party y JOIN parcel p USING (item_id)"
        " JOIN customer_return r USING (item_id)"
    )
    assert (row["sender_name"], row["recipient_name"]) == ("مریم احمدی", "فروشگاه کارون")
    assert row["to_town"] == "ahvaz"  # where it was posted
    paid = "SELECT payer FROM parcel_terms t JOIN customer_return r USING (item_id)"
    assert await parcels.api.database.hot.fetchval(paid) == Payer.COUNTER_CASH  # by the customer
    # at a counter, by its code in Persian digits
    persian = made["code"].translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    shown = (await customer.at_counter(persian)).json()
    assert (shown["barcode"], shown["in_time"]) == (made["barcode"], True)
    await parcels.results(parcels.one(made["barcode"], "acceptance"))
    assert (await customer.at_counter(made["code"])).json()["in_time"] is False
    assert (await customer.at_counter("0000000000")).status_code == 404
    listed = await customer.client.get(f"/v1/parcels/{barcode}/return", headers=parcels.shop())
    assert listed.json() == made
    (event,) = await parcels.api.events("customer_return.requested")
    assert event["data"]["customer_return"]["barcode"] == made["barcode"]
    assert "code" not in event["data"]["customer_return"]
    assert len(await parcels.api.events("parcel.booked")) == 2
    # a return is not returned
    await parcels.results(parcels.one(made["barcode"], "delivered", 1))
    again = await customer.by_owner(made["barcode"])
    assert (again.status_code, again.json()["code"]) == (409, "not_returnable")
    audit = await audit_custody(parcels.api.database)
    assert audit.clean, audit.wrong


async def test_once_whoever_asks_and_however_often(customer: Customer) -> None:
    barcode = await customer.delivered()
    answers = await asyncio.gather(
        *(customer.by_owner(barcode) for _ in range(8)),
        *(customer.by_recipient(barcode, "6789") for _ in range(3)),
    )
    assert sorted(a.status_code for a in answers) == [201] + [409] * 10
    (made,) = [a.json() for a in answers if a.status_code == 201]
    count = await customer.parcels.api.database.hot.fetchval("SELECT count(*) FROM parcel")
    assert count == 2
    # cancelled before it was handed in, it can be asked for anew
    cancelled = await customer.client.post(
        f"/v1/parcels/{made['barcode']}/cancel", headers=customer.parcels.shop()
    )
    assert cancelled.status_code == 200
    key = str(uuid.uuid4())
    first, replay = [await customer.by_owner(barcode, key, office="KZ00002") for _ in range(2)]
    assert first.status_code == 201, first.text
    assert first.content == replay.content
    assert (await customer.at_counter(made["code"])).status_code == 404
    assert (await customer.at_counter(first.json()["code"])).status_code == 200


async def test_seven_working_days(customer: Customer) -> None:
    barcode = await customer.delivered()
    clock = customer.parcels.api.clock
    clock.at = datetime(2019, 4, 4, 19, 30, tzinfo=UTC)
    late = await customer.by_owner(barcode)
    assert (late.status_code, late.json()["code"]) == (409, "return_too_late")
    clock.at = datetime(2019, 4, 4, 19, 29, tzinfo=UTC)
    assert (await customer.by_owner(barcode)).status_code == 201


async def test_what_can_not_be_returned(customer: Customer) -> None:
    parcels = customer.parcels
    (booked,) = await parcels.booked()
    early = await customer.by_owner(booked)
    assert (early.status_code, early.json()["code"]) == (409, "not_returnable")
    barcode = await customer.delivered()
    wrong = await customer.by_recipient(barcode, "0000")
    assert (wrong.status_code, wrong.json()["code"]) == (403, "not_verified")
    headers = parcels.shop(OTHER_SHOP) | {"Idempotency-Key": "k"}
    foreign = await customer.client.post(f"/v1/parcels/{barcode}/return", json={}, headers=headers)
    assert foreign.status_code == 404
    assert (await customer.by_owner(barcode, office="KZ77777")).status_code == 422
    await parcels.follow(office_event(1, status="suspended", version=2))
    closed = await customer.by_owner(barcode)
    assert (closed.status_code, closed.json()["code"]) == (409, "office_not_active")
    assert (await customer.by_owner(barcode, office="KZ00002")).status_code == 201
