"""Exceptions, holidays and whether an office is open, over HTTP."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from services.offices.calendar import service
from services.offices.registry import repository
from tests.conftest import START, Api
from tests.factories.offices import HOURS, WRITE, command, create

pytestmark = pytest.mark.anyio

# START is noon of Thursday the first of Farvardin 1398, a holiday, as are the three days after
OPENS = "2019-03-25T03:00:00Z"  # Monday, 07:30 in summer time


async def put(api: Api, path: str, body: Any) -> Any:
    return await api.client.put(f"/v1/{path}", json=body, headers=api.headers(WRITE))


async def delete(api: Api, path: str) -> Any:
    return await api.client.delete(f"/v1/{path}", headers=api.headers(WRITE))


async def opening(api: Api, at: str | None = None) -> dict[str, Any]:
    answer = await api.client.get("/v1/offices/KZ00001/opening", params={"at": at} if at else {})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


class TestOpening:
    async def test_a_holiday_an_exception_and_the_week(self, api: Api) -> None:
        await create(api)
        assert await opening(api) == {
            "office": "KZ00001",
            "at": "2019-03-21T08:00:00Z",
            "open": False,
            "opens_next_at": OPENS,
            "closes_at": None,
            "reason": "holiday",
            "note": "جشن نوروز",
        }
        body = {"intervals": ["۱۰:۰۰-۱۳:۰۰"], "reason": "باجه‌ی نوروزی"}
        await put(api, "offices/KZ00001/exceptions/2019-03-21", body)
        now = await opening(api)
        assert (now["open"], now["reason"], now["note"]) == (True, "exception", "باجه‌ی نوروزی")
        assert (now["closes_at"], now["opens_next_at"]) == ("2019-03-21T09:30:00Z", OPENS)
        usual = await opening(api, "2019-03-25T05:00:00+03:30")
        assert (usual["open"], usual["reason"], usual["note"]) == (False, "hours", None)
        assert usual["opens_next_at"] == OPENS
        assert (await delete(api, "offices/KZ00001/exceptions/2019-03-21")).status_code == 204
        assert (await opening(api))["reason"] == "holiday"

    async def test_an_office_that_is_not_active(self, api: Api) -> None:
        await create(api)
        api.clock.at = datetime(2019, 3, 25, 5, 0, tzinfo=UTC)
        assert (await opening(api))["open"]
        await command(api, "KZ00001/suspend", {"reason": "بازدید"})
        suspended = await opening(api)
        assert (suspended["open"], suspended["reason"]) == (False, "suspended")
        assert suspended["opens_next_at"] is None
        assert (await opening(api, "2019-03-25T04:59:00Z"))["open"]  # it was not then
        api.clock.at += timedelta(hours=1)
        await command(api, "KZ00001/reopen")
        assert (await opening(api))["open"]
        assert not (await opening(api, "2019-03-25T05:30:00Z"))["open"]
        await command(api, "KZ00001/close", {"reason": "پایان اجاره"})
        assert (await opening(api))["reason"] == "closed"

    async def test_what_is_no_instant(self, api: Api) -> None:
        await create(api)
        naive, early, late = "2019-03-25T05:00:00", "1899-12-31T00:00:00Z", "9998-01-01T00:00:00Z"
        for at in ("now", naive, early, late, "%00"):
            answer = await api.client.get(f"/v1/offices/KZ00001/opening?at={at}")
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "query.at")

    async def test_of_many_offices_in_two_queries(self, api: Api) -> None:
        """An exception of one is not the others'; a suspended one opens at no time."""
        for _ in range(3):
            await create(api)
        await command(api, "KZ00003/suspend", {"reason": "بازدید"})
        body = {"intervals": ["11:00-13:00"], "reason": "باجه"}
        await put(api, "offices/KZ00002/exceptions/2019-03-21", body)
        statements: list[str] = []
        engine = api.database.engine.sync_engine
        async with api.database.transaction() as session:
            offices = [await repository.get(session, f"KZ0000{n}") for n in (1, 2, 3)]
            event.listen(engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
            found = await service.openings(session, offices, START)
            assert len(statements) == 2
            assert await service.openings(session, [], START) == {}
            assert len(statements) == 2
        opens = datetime.fromisoformat(OPENS)
        assert found == {
            1: service.Opening(open_now=False, opens_next_at=opens),
            2: service.Opening(open_now=True, opens_next_at=None),
            3: service.Opening(open_now=False, opens_next_at=None),
        }


class TestExceptions:
    async def test_are_set_told_listed_and_cleared(self, api: Api) -> None:
        await create(api)
        days = ["2019-01-05", "2019-03-21", "2030-12-31"]  # past, today and to come
        for day in days:
            body = {"intervals": [], "reason": "تعمیر"}
            path = f"offices/KZ00001/exceptions/{day}"
            answer = await put(api, path, body)
            assert answer.status_code == 200
            assert (await put(api, path, body)).json() == answer.json()
        assert answer.json() == {
            "day": "2030-12-31",
            "jalali": "1409-10-10",
            "intervals": [],
            "reason": "تعمیر",
        }
        listed = await api.client.get("/v1/offices/KZ00001/exceptions?limit=2")
        assert [item["day"] for item in listed.json()["items"]] == days[:2]
        url = listed.headers["link"].partition(">")[0][1:]
        assert [i["day"] for i in (await api.client.get(url)).json()["items"]] == days[2:]
        since = await api.client.get("/v1/offices/KZ00001/exceptions?since=2019-03-22")
        assert [item["day"] for item in since.json()["items"]] == days[2:]
        for status in (204, 404):
            gone = await delete(api, f"offices/KZ00001/exceptions/{days[0]}")
            assert gone.status_code == status
        events = await api.events("office_exception.set", "office_exception.cleared")
        assert [e["type"].partition(".")[2] for e in events] == ["set"] * 3 + ["cleared"]
        assert events[0]["data"]["exception"] == {
            "office": "KZ00001",
            "day": days[0],
            "intervals": [],
            "reason": "تعمیر",
        }

    async def test_who_may_and_what_is_refused(self, api: Api) -> None:
        await create(api)
        path, good = "offices/KZ00001/exceptions/2019-03-21", {"intervals": [], "reason": "تعمیر"}
        assert (await api.client.put(f"/v1/{path}", json=good)).status_code == 401
        other = await api.client.delete(f"/v1/{path}", headers=api.headers("scans:write"))
        assert other.status_code == 403
        bodies: list[dict[str, Any]] = [
            {"intervals": ["12:00-10:00"], "reason": "تعمیر"},
            {"intervals": ["08:00-10:00", "09:00-11:00"], "reason": "تعمیر"},
            {"intervals": [], "reason": "\x00\x00\x00"},
            {"intervals": []},
        ]
        for bad in bodies:
            assert (await put(api, path, bad)).status_code == 422
        for day in ("1899-12-31", "2201-01-01", "2019-02-30", "today"):
            answer = await put(api, f"offices/KZ00001/exceptions/{day}", good)
            assert answer.status_code == 422
        absent = await put(api, "offices/KZ09999/exceptions/2019-03-21", good)
        assert (absent.status_code, absent.json()["code"]) == (404, "office_not_found")
        cursor = await api.client.get("/v1/offices/KZ00001/exceptions?cursor=WyJhIl0")
        assert cursor.status_code == 422
        await command(api, "KZ00001/close", {"reason": "پایان اجاره"})
        assert (await put(api, path, good)).json()["code"] == "office_closed"


class TestHolidays:
    async def test_the_year_with_what_was_said_of_it(self, api: Api) -> None:
        url = "/v1/holidays?year=۱۳۹۸"
        before = (await api.client.get(url)).json()
        assert before["year"] == 1398
        assert before["items"][0] == {
            "day": "2019-03-21",
            "jalali": "1398-01-01",
            "holiday": True,
            "name": "جشن نوروز",
            "source": "library",
            "reason": None,
        }
        assert {item["jalali"][:4] for item in before["items"]} == {"1398"}
        flood = {"holiday": True, "name": "سیل خوزستان", "reason": "بخشنامه‌ی استانداری"}
        work = {"holiday": False, "name": "روز کاری", "reason": "جبران سیل"}
        assert (await put(api, "holidays/2019-04-07", flood)).status_code == 200
        assert (await put(api, "holidays/2019-04-07", flood)).status_code == 200
        assert (await put(api, "holidays/2019-04-01", work)).status_code == 200
        said = {i["day"]: i for i in (await api.client.get(url)).json()["items"]}
        assert len(said) == len(before["items"]) + 1
        assert said["2019-04-07"]["source"] == said["2019-04-01"]["source"] == "override"
        assert not said["2019-04-01"]["holiday"]
        assert (await delete(api, "holidays/2019-04-07")).status_code == 204
        assert (await delete(api, "holidays/2019-04-07")).status_code == 404
        day = await api.client.get("/v1/holidays/2019-04-07")
        assert (day.json()["holiday"], day.json()["source"]) == (False, "library")
        events = await api.events("holiday.set", "holiday.cleared")
        assert [event["subject"] for event in events] == ["2019-04-07", "2019-04-01", "2019-04-07"]
        assert events[0]["data"]["holiday"]["name"] == "سیل خوزستان"
        assert events[2]["data"]["holiday"] == {
            "day": "2019-04-07",
            "holiday": False,
            "name": None,
            "source": "library",
        }

    async def test_decide_when_offices_open(self, api: Api) -> None:
        await create(api, hours={**HOURS, "thu": ["07:00-15:00"]})
        assert not (await opening(api))["open"]
        work = {"holiday": False, "name": "روز کاری", "reason": "دستور"}
        await put(api, "holidays/2019-03-21", work)
        assert (await opening(api))["reason"] == "hours"
        assert (await opening(api))["open"]

    async def test_what_is_no_year(self, api: Api) -> None:
        for year in ("", "2019", "1299", "9" * 30, "%00", "1398.5"):
            assert (await api.client.get(f"/v1/holidays?year={year}")).status_code == 422
