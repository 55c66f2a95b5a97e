"""Parcels' and complaints' own copies of the offices' events still fit them, and act on them."""

from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from services.complaints.calendars import events as desk_copies
from services.complaints.calendars.service import HOLIDAYS
from services.offices.contracts.domain import Product
from services.offices.events import ExceptionEvent, HolidayEvent, OfficeEvent
from services.parcels.calendars import events as copies
from services.parcels.calendars.service import on_calendar_events
from services.parcels.events import OfficeEvent as Copy
from services.parcels.vocabulary import PRODUCT_BY_WIRE
from tests.conftest import Serve
from tests.contracts.test_gateway_copies import misfits
from tests.factories.contracts import sign
from tests.factories.offices import add_towns, create
from tests.services.parcels.conftest import Parcels


def test_the_copy_fits() -> None:
    own, theirs = Copy.model_json_schema(), OfficeEvent.model_json_schema(mode="serialization")
    assert "gate" in own["$defs"]["OfficePayload"]["properties"]
    assert misfits(own, own, theirs, theirs, "office") == []


@pytest.mark.parametrize(
    ("copy", "theirs", "noun"),
    [
        (copies.WeekEvent, OfficeEvent, "office"),
        (copies.DayEvent, ExceptionEvent, "exception"),
        (copies.HolidayEvent, HolidayEvent, "holiday"),
        pytest.param(desk_copies.HolidayEvent, HolidayEvent, "holiday", id="desk"),
    ],
)
def test_the_copies_of_calendars_fit(
    copy: type[BaseModel], theirs: type[BaseModel], noun: str
) -> None:
    own, told = copy.model_json_schema(), theirs.model_json_schema(mode="serialization")
    assert misfits(own, own, told, told, noun) == []


@pytest.mark.anyio
async def test_what_offices_tell_of_their_calendars_is_what_promises_go_by(serve: Serve) -> None:
    offices, parcels = await serve("offices"), Parcels(await serve("parcels"))
    parcels.api.clock.at = offices.clock.at = datetime(2019, 5, 11, 4, 0, tzinfo=UTC)
    await add_towns(offices)
    week = {day: ["09:00-17:00"] for day in ("sat", "sun", "mon", "tue")}
    code = (await create(offices, kind="post_office", hours=week))["code"]
    writer = offices.headers("offices:write", kind="staff")
    holiday = {"holiday": True, "name": "تعطیل", "reason": "آزمون"}
    await offices.client.put("/v1/holidays/2019-05-12", json=holiday, headers=writer)
    early = {"intervals": ["09:00-13:00"], "reason": "آزمون"}
    path = f"/v1/offices/{code}/exceptions/2019-05-13"
    await offices.client.put(path, json=early, headers=writer)
    events = await offices.events("office.created", *copies.CALENDAR_EVENTS)
    assert len(events) == 3
    await parcels.follow(*(event for event in events if event["type"] == "office.created"))
    async with parcels.api.database.transaction() as session:
        await on_calendar_events(session, events)
    booked = (await parcels.book(origin_office=code)).json()
    assert booked["promised_at"] == "2019-05-13T08:30:00Z"


@pytest.mark.anyio
async def test_the_holidays_that_offices_tell_are_the_complaints_desks(serve: Serve) -> None:
    offices, complaints = await serve("offices"), await serve("complaints")
    writer = offices.headers("offices:write", kind="staff")
    reader = complaints.headers("complaints:read")
    calendar = "/v1/complaint-calendar?since=2019-05-12&until=2019-06-05"

    async def followed() -> list[str]:
        """What decides over Sunday the 12th of May and Wednesday the 5th of June, a feast."""
        events = await offices.events(*HOLIDAYS.types)
        async with complaints.database.transaction() as session:
            await HOLIDAYS.handle(session, events)
        days = (await complaints.client.get(calendar, headers=reader)).json()["items"]
        return [days[0]["rule"], days[-1]["rule"]]

    said = {"name": "تعطیل", "reason": "آزمون"}
    closed, worked = {**said, "holiday": True}, {**said, "holiday": False}
    await offices.client.put("/v1/holidays/2019-05-12", json=closed, headers=writer)
    await offices.client.put("/v1/holidays/2019-06-05", json=worked, headers=writer)
    assert await followed() == ["holiday", "hours"]
    for day in ("2019-05-12", "2019-06-05"):
        await offices.client.delete(f"/v1/holidays/{day}", headers=writer)
    assert await followed() == ["hours", "holiday"]


def test_contracts_know_the_products_that_are_booked() -> None:
    assert set(get_args(Product)) == set(PRODUCT_BY_WIRE)


@pytest.mark.anyio
async def test_what_offices_tell_is_what_parcels_goes_by(serve: Serve) -> None:
    offices, parcels = await serve("offices"), Parcels(await serve("parcels"))
    await add_towns(offices)
    codes = [
        (await create(offices, **fields))["code"]
        for fields in ({"kind": "agency"}, {"kind": "agency"}, {"kind": "post_office"})
    ]
    await sign(offices, codes[0], products=["adi", "pishtaz"], weight_max_g=1_000)
    await parcels.follow(*await offices.events("office.created", "office.changed"))

    async def booked(office: str, **order: Any) -> int:
        return (await parcels.book(origin_office=office, **order)).status_code

    assert [await booked(code) for code in codes] == [201, 409, 201]
    assert await booked(codes[0], product="vijeh") == 409
    assert await booked(codes[0], weight_g=1_001) == 409
    assert await booked(codes[2], weight_g=1_001) == 201
    parcels.api.clock.at = parcels.api.clock.at.replace(year=2021)
    refused = await parcels.book(origin_office=codes[0])
    assert "its contract C000001 ends on 2020-03-19" in refused.json()["detail"]
