"""Promises that the timetable can no longer keep, and those of parcels that go elsewhere now."""

import uuid

import pytest

from services.parcels.breaches.foresight import Foresight
from services.parcels.breaches.jobs import look_ahead
from services.parcels.delivery.domain import REASONS
from services.parcels.promise.domain import LAWFUL
from services.parcels.routing.timetable import Timetable
from tests.factories.transport import line
from tests.services.parcels.conftest import AHVAZ, DEZFUL, centres
from tests.services.parcels.promise.conftest import SATURDAY, Promises, local

pytestmark = pytest.mark.anyio

AT_AHVAZ = "KZ00003"
SUNDAY, MONDAY = "2019-05-12", "2019-05-13"
AT_RISK = "promise.at_risk"


async def test_a_parcel_that_missed_its_departure_is_at_risk_and_told_once(
    promises: Promises,
) -> None:
    await promises.parcels.follow(*centres())
    staff = promises.api.headers("transport:write", kind="staff")
    nightly = line("AHV-DEZ-1", AHVAZ, "20:00", DEZFUL, "22:30", valid_from=SATURDAY)
    answer = await promises.client.post("/v1/lines", json=nightly, headers=staff)
    assert answer.status_code == 201, answer.text
    foresight = Foresight()

    async def tick() -> list[tuple[str, str | None]]:
        """The worker's timer, whose timetable has grown old."""
        await promises.consume()
        api = promises.api
        await look_ahead(foresight, Timetable(api.database), api.database, api.clock)
        return await promises.told(AT_RISK)

    late, in_time = [await promises.book(origin_office=AT_AHVAZ) for _ in range(2)]
    for barcode in (late, in_time):
        await promises.scan(barcode, "acceptance", office=AT_AHVAZ)
    assert await tick() == []
    promises.at(f"{SATURDAY} 16:00")
    await promises.scan(in_time, "arrival", office=AHVAZ)
    promises.at(f"{SATURDAY} 19:55")  # too late to be sorted for the line of 20:00
    await promises.scan(late, "arrival", office=AHVAZ)
    await promises.scan(in_time, "departure", office=AHVAZ)
    told = [(late, f"{SUNDAY} 16:00")]
    assert await tick() == told
    (event,) = await promises.api.events(AT_RISK)
    (item,) = event["data"]["items"]
    assert local(item["expected_at"]) == f"{MONDAY} 14:00"
    promises.at(f"{SUNDAY} 10:00")
    await promises.scan(in_time, "arrival", f"{SUNDAY} 07:30")
    await promises.scan(in_time, "out_for_delivery")
    assert await tick() == told


async def test_a_parcel_that_is_redirected_is_promised_anew(promises: Promises) -> None:
    barcode = await promises.book()
    await promises.scan(barcode, "acceptance")
    await promises.consume()
    before = await promises.promised(barcode)
    there = {"province": "tehran", "town": "tehran", "address": "خیابان ولیعصر"}
    answer = await promises.client.post(
        f"/v1/parcels/{barcode}/instructions",
        json={"kind": "redirect", "postal_code": "1435743337"} | there,
        headers=promises.parcels.shop() | {"Idempotency-Key": str(uuid.uuid4())},
    )
    assert answer.status_code == 201, answer.text
    for _ in range(2):  # the feed once more changes nothing
        await promises.again()
        after = await promises.promised(barcode)
        assert before is not None
        assert after is not None
        assert after > before
        assert await promises.told("parcel.promise_changed") == [(barcode, after)]


def test_the_reasons_that_stop_the_clock_are_those_that_couriers_give() -> None:
    assert LAWFUL.keys() - {"recipient_request"} <= REASONS.keys()
