"""Courses, certificates, and the warnings before they expire."""

import asyncio
import calendar
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.offices.training import domain, service
from services.offices.training.domain import WARN_DAYS, due_warning, months_after
from shared.calendar import day_start
from tests.conftest import Api
from tests.factories.offices import create
from tests.factories.workforce import hire, read, send

pytestmark = pytest.mark.anyio


async def course(api: Api, code: str = "counter-safety", **fields: Any) -> dict[str, Any]:
    body = {"code": code, "name": "ایمنی باجه", "name_en": "Counter safety", **fields}
    answer = await send(api, "courses", body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def certificate(number: str, person: str = "1", **fields: Any) -> dict[str, Any]:
    return {
        "personnel_number": person,
        "course": "counter-safety",
        "number": number,
        "issued_on": "2019-01-31",
        **fields,
    }


async def certify(api: Api, number: str, person: str = "1", **fields: Any) -> dict[str, Any]:
    answer = await send(api, "certificates", certificate(number, person, **fields))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_a_certificate_ends_as_its_course_says(api: Api) -> None:
    await hire(api, "1", (await create(api))["code"])
    await course(api, validity_months=13)
    await course(api, "first-aid")
    made = await certify(api, "C-1")
    assert made["expires_on"] == "2020-02-29"
    assert (await certify(api, "C-2", course="first-aid"))["expires_on"] is None
    assert (await certify(api, "C-3", expires_on="2019-12-31"))["expires_on"] == "2019-12-31"
    changed = await send(api, "courses/counter-safety", {"validity_months": None}, method="PATCH")
    assert (changed.json()["version"], changed.json()["validity_months"]) == (2, None)
    refused = [
        (certificate("C-1"), 409, "certificate_exists"),
        (certificate("C-9", "77"), 404, "person_not_found"),
        (certificate("C-9", course="cooking"), 409, "unknown_course"),
        (certificate("C-9", expires_on="2019-01-31"), 409, "expires_too_early"),
        (certificate("C-9", issued_on=7), 422, "invalid"),
    ]
    for body, status, code in refused:
        answer = await send(api, "certificates", body)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    twin = await send(api, "courses", {"code": "first-aid", "name": "ا ب", "name_en": "ab"})
    assert (twin.status_code, twin.json()["code"]) == (409, "course_exists")
    path = f"certificates/{made['id']}/withdraw"
    assert (await send(api, path, {"reason": "اشتباه ثبت"})).json()["withdrawn_at"] is not None
    again = await send(api, path, {"reason": "اشتباه ثبت"})
    assert (again.status_code, again.json()["code"]) == (409, "already_withdrawn")
    await certify(api, "C-1")
    own = await read(api, "/v1/workforce/people/1/certificates", limit=3)
    assert [item["number"] for item in own["items"]] == ["C-1", "C-2", "C-3"]
    rest = await read(api, "/v1/workforce/people/1/certificates", cursor=own["next"])
    assert [item["number"] for item in rest["items"]] == ["C-1"]
    courses = await read(api, "/v1/workforce/courses", limit=1)
    assert [item["code"] for item in courses["items"]] == ["counter-safety"]
    after = await read(api, "/v1/workforce/courses", cursor=courses["next"])
    assert [item["code"] for item in after["items"]] == ["first-aid"]
    for list_, cursor in (("courses", "WzFd"), ("certificates", "WyJhIiwiYiJd")):
        bad = await send(api, f"{list_}?cursor={cursor}", method="GET")
        assert bad.status_code == 422
    key = {"Idempotency-Key": "k"}
    once = [await send(api, "certificates", certificate("C-8"), **key) for _ in range(2)]
    assert once[0].content == once[1].content


async def test_what_expires_before_a_day_without_what_was_renewed(api: Api) -> None:
    office = (await create(api))["code"]
    for person in ("1", "2", "3"):
        await hire(api, person, office)
    await course(api, validity_months=12)
    await course(api, "first-aid")
    await certify(api, "A", "1", expires_on="2019-06-01")
    await certify(api, "B", "2", expires_on="2019-05-01")
    await certify(api, "C", "2", expires_on="2019-08-01")
    await certify(api, "D", "3", expires_on="2019-05-01", course="first-aid")
    lost = await certify(api, "E", "3", expires_on="2019-05-01")
    await send(api, f"certificates/{lost['id']}/withdraw", {"reason": "باطل شد"})

    async def expiring(**wanted: Any) -> list[str]:
        found: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            page = await read(api, "/v1/workforce/certificates", limit=1, **wanted, **cursor)
            found += [item["number"] for item in page["items"]]
            if page["next"] is None:
                return found
            cursor = {"cursor": page["next"]}

    assert await expiring() == ["D", "A", "C"]
    assert await expiring(expires_before="2019-08-01") == ["D", "A"]
    assert await expiring(expires_from="2019-06-01", expires_before="2019-08-02") == ["A", "C"]
    assert await expiring(course="first-aid") == ["D"]


async def test_expiry_is_told_60_30_and_7_days_ahead_once_each(api: Api) -> None:
    office = (await create(api))["code"]
    for person in ("1", "2", "3"):
        await hire(api, person, office)
    await course(api)
    last = date(2019, 12, 31)
    made = await certify(api, "A", "1", expires_on=str(last))
    await certify(api, "B", "2", expires_on=str(last))
    await certify(api, "C", "3", expires_on=str(last))
    await certify(api, "C2", "3", expires_on="2021-12-31")
    await send(api, "people/2/end", {"on": "2019-05-01", "reason": "استعفا"})
    told = []
    for days_left in (61, 60, 59, 30, 30, 8, 7, 1, 0, -1):
        api.clock.at = day_start(last - timedelta(days=days_left)) + timedelta(hours=1)
        counts = await asyncio.gather(*(service.warn(api.database, api.clock) for _ in range(3)))
        told.append(sum(counts))
    assert told == [0, 1, 0, 1, 0, 0, 1, 0, 0, 0]
    events = await api.events("certificate.expiring")
    assert [event["data"]["days"] for event in events] == list(WARN_DAYS)
    assert {event["data"]["certificate"]["id"] for event in events} == {made["id"]}
    late = await certify(api, "D", "1", issued_on="2020-01-02", expires_on="2020-01-22")
    api.clock.at = day_start(date(2020, 1, 2))
    assert await service.warn(api.database, api.clock) == 1
    (event,) = (await api.events("certificate.expiring"))[3:]
    assert (event["subject"], event["data"]["days"]) == (late["id"], 30)


@settings(max_examples=50)
@given(st.lists(st.integers(-5, 100), max_size=30))
def test_however_the_days_are_looked_at_each_step_is_told_once(looks: list[int]) -> None:
    warned: int | None = None
    steps = []
    for days_left in sorted(looks, reverse=True):
        due = due_warning(days_left, warned)
        if due is not None:
            assert 0 <= days_left <= due
            assert not any(days_left <= closer < due for closer in WARN_DAYS)
            warned = due
            steps.append(due)
    assert steps == sorted(set(steps), reverse=True)
    if any(0 <= days_left <= WARN_DAYS[-1] for days_left in looks):
        assert warned == WARN_DAYS[-1]


@settings(max_examples=50)
@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(1, 1200))
def test_months_after_is_the_same_day_or_the_months_last(day: date, months: int) -> None:
    later = months_after(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == min(day.day, calendar.monthrange(later.year, later.month)[1])
    assert domain.expiry(day, None, None) is None
