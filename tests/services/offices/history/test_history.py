"""Conversion, relocation, transfer and closing, at once and planned, and the past they leave."""

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from services.offices.history.service import carry_out_due
from shared.clock import set_world
from tests.conftest import START, Api
from tests.factories.offices import command, create

pytestmark = pytest.mark.anyio

# START is 2019-03-21 in Tehran
TODAY, TOMORROW = "2019-03-21", "2019-03-22"
PLACE = {
    "town": "veys",
    "address": "خیابان دوم، پلاک ۸",
    "postal_code": "6351111111",
    "latitude": 31.48,
    "longitude": 48.87,
}
MOVE = {**PLACE, "on": TODAY, "reason": "پایان اجاره"}
COMPANY = {"kind": "company", "name": "شرکت پیشگامان"}
PERSON = {"kind": "person", "name": "زهرا کریمی"}


async def history(api: Api, code: str = "KZ00001") -> Any:
    return (await command(api, f"{code}/history", method="GET")).json()


async def due(api: Api) -> int:
    return await carry_out_due(api.database, api.clock)


async def refusal(api: Api, path: str, body: Any) -> tuple[int, str]:
    answer = await command(api, f"KZ00001/{path}", body)
    return answer.status_code, answer.json()["code"]


class TestConversion:
    async def test_an_office_of_1382_becomes_a_counter_and_keeps_its_past(self, api: Api) -> None:
        past = [{"kind": "subscriber_office", "valid_until": "2004-05-31", "reference": "۱۲/ب"}]
        made = await create(
            api, kind="communication_office", founded_on="2000-01-01", past_kinds=past
        )
        assert made["kind"] == "communication_office"
        wanted = {"kind": "pishkhan", "on": "2010-06-01", "reference": "مصوبه ۴"}
        answer = await command(api, "KZ00001/convert", wanted)
        assert answer.status_code == 200, answer.text
        assert answer.json()["planned_for"] is None
        office = answer.json()["office"]
        assert office["gate"]["reason"] == "it has no licence"
        gate = office["gate"]  # goes by the kind
        assert office == {**made, "kind": "pishkhan", "gate": gate, "version": 2}
        assert (await history(api))["kinds"] == [
            {
                "kind": "subscriber_office",
                "valid_from": "2000-01-01",
                "valid_until": "2004-05-31",
                "reference": "۱۲/ب",
            },
            {
                "kind": "communication_office",
                "valid_from": "2004-06-01",
                "valid_until": "2010-05-31",
                "reference": "مصوبه ۴",
            },
            {
                "kind": "pishkhan",
                "valid_from": "2010-06-01",
                "valid_until": None,
                "reference": None,
            },
        ]
        (event,) = await api.events("office.converted")
        assert event["data"]["office"]["kind"] == "pishkhan"
        assert await refusal(api, "convert", {**wanted, "on": TODAY}) == (409, "not_convertible")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await api.database.hot.execute("UPDATE office_kind_period SET kind = 'agency'")

    async def test_what_is_refused(self, api: Api) -> None:
        await create(api, kind="communication_office", founded_on="2004-01-01")
        wanted = {"kind": "pishkhan", "on": "2004-01-01"}
        assert await refusal(api, "convert", wanted) == (409, "change_too_early")
        other = {"kind": "agency", "on": TODAY}
        assert await refusal(api, "convert", other) == (409, "not_convertible")


class TestRelocation:
    async def test_the_old_address_is_kept(self, api: Api) -> None:
        made = await create(api)
        answer = await command(api, "KZ00001/relocate", MOVE)
        assert answer.json()["office"] == {**made, **PLACE, "county": "bavi", "version": 2}
        found = await history(api)
        before = {name: made[name] for name in PLACE}
        period = {"valid_from": None, "valid_until": "2019-03-20", "reason": "پایان اجاره"}
        now = {"valid_from": TODAY, "valid_until": None, "reason": None}
        assert found["addresses"] == [{**before, **period}, {**PLACE, **now}]
        (event,) = await api.events("office.relocated")
        assert event["data"]["office"]["town_name"] == "ویس"
        assert await refusal(api, "relocate", MOVE) == (409, "change_too_early")

    async def test_is_planned_and_happens_on_its_day(self, api: Api) -> None:
        made = await create(api)
        planned = await command(api, "KZ00001/relocate", {**MOVE, "on": TOMORROW})
        assert planned.json() == {"office": made, "planned_for": TOMORROW}
        (plan,) = (await history(api))["planned"]
        assert (plan["change"], plan["due_on"]) == ("relocation", TOMORROW)
        assert plan["details"] == {**PLACE, "reason": "پایان اجاره"}
        assert await refusal(api, "relocate", MOVE) == (409, "change_planned")
        assert await due(api) == 0
        api.clock.at = START + timedelta(hours=12, minutes=29)  # 23:59 or so in Tehran
        assert await due(api) == 0
        api.clock.at += timedelta(hours=1)
        assert sum(await asyncio.gather(*(due(api) for _ in range(3)))) == 1
        moved = (await api.client.get("/v1/offices/KZ00001")).json()
        assert {name: moved[name] for name in PLACE} == PLACE
        assert moved["version"] == 2
        found = await history(api)
        assert [period["valid_until"] for period in found["addresses"]] == [TODAY, None]
        assert found["planned"] == []
        types = [event["type"] for event in await api.events()]
        assert types == ["office.created", "office_plan.made", "office.relocated"]

    async def test_the_worlds_clock_decides_when(self, api: Api) -> None:
        """That of a sandbox may be months ahead of the wall's."""
        await create(api)
        await command(api, "KZ00001/relocate", {**MOVE, "on": "2019-09-01"})
        async with api.database.transaction() as session:
            await set_world(session, "sandbox", START + timedelta(days=200))
        assert await due(api) == 1

    async def test_a_plan_can_be_cancelled(self, api: Api) -> None:
        made = await create(api)
        await command(api, "KZ00001/relocate", {**MOVE, "on": TOMORROW})
        for status in (204, 404):
            gone = await command(api, "KZ00001/plans/relocation", method="DELETE")
            assert gone.status_code == status
        api.clock.at += timedelta(days=2)
        assert await due(api) == 0
        assert (await api.client.get("/v1/offices/KZ00001")).json() == made
        assert len(await api.events("office_plan.cancelled")) == 1

    async def test_of_many_at_once_one_moves_it(self, api: Api) -> None:
        await create(api)
        answers = await asyncio.gather(*(command(api, "KZ00001/relocate", MOVE) for _ in range(6)))
        assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409, 409]


class TestTransfer:
    async def test_names_of_people_are_for_staff_only(self, api: Api) -> None:
        await create(api, kind="agency", owner=PERSON)
        given = {"owner": COMPANY, "on": TODAY, "reference": "صلح ۷"}
        answer = await command(api, "KZ00001/transfer", given)
        assert answer.json()["office"]["owner"] == COMPANY
        later = {"owner": {**PERSON, "name": "رضا نوری"}, "on": TOMORROW}
        assert (await command(api, "KZ00001/transfer", later)).status_code == 200
        api.clock.at += timedelta(days=1)
        assert await due(api) == 1
        office = (await api.client.get("/v1/offices/KZ00001")).json()
        assert office["owner"] == {"kind": "person", "name": None}
        owners = (await history(api))["owners"]
        assert [period["owner"]["name"] for period in owners] == [None, "شرکت پیشگامان", None]
        staff = api.headers("licensing:read")
        holders = (await api.client.get("/v1/offices/KZ00001/holders", headers=staff)).json()
        assert [(h["name"], h["valid_from"], h["valid_until"]) for h in holders["items"]] == [
            ("زهرا کریمی", None, "2019-03-20"),
            ("شرکت پیشگامان", TODAY, TODAY),
            ("رضا نوری", TOMORROW, None),
        ]
        public = str(await api.events()) + str(await history(api))
        assert "کریمی" not in public
        assert "نوری" not in public
        clerk = await command(api, "KZ00001/holders", method="GET")
        assert clerk.status_code == 403

    async def test_a_plan_that_falls_through_forgets_the_name(self, api: Api) -> None:
        await create(api, kind="agency")
        await command(api, "KZ00001/transfer", {"owner": PERSON, "on": TOMORROW})
        await command(api, "KZ00001/close", {"reason": "انصراف"})
        hot = api.database.hot
        assert await hot.fetchval("SELECT count(*) FROM owner_person") == 0
        assert await hot.fetchval("SELECT count(*) FROM office_plan") == 0
        assert len(await api.events("office_plan.dropped")) == 1


class TestClosing:
    async def test_is_for_good(self, api: Api) -> None:
        centre = await create(api, kind="sorting_centre")
        made = await create(api, sorting_centre=centre["code"])
        assert await refusal(api, "close", {"reason": "تعطیل"}) == (409, "sorting_centre_in_use")
        closed = await command(api, "KZ00002/close", {"reason": "پایان قرارداد"})
        assert closed.json() == {**made, "status": "closed", "version": 2}
        for path, body in [
            ("close", {"reason": "دوباره"}),
            ("relocate", MOVE),
            ("transfer", {"owner": COMPANY, "on": TODAY}),
        ]:
            again = await command(api, f"KZ00002/{path}", body)
            assert (again.status_code, again.json()["code"]) == (409, "office_closed")
        reopened = await command(api, "KZ00002/reopen")
        assert reopened.json()["code"] == "office_not_suspended"
        (status,) = (await history(api, "KZ00002"))["statuses"]
        assert (status["status"], status["reason"]) == ("closed", "پایان قرارداد")
        (event,) = await api.events("office.closed")
        assert event["data"]["office"]["status"] == "closed"
        # nothing is sorted here any more, so it may close too; and then sorts for nobody
        assert (await command(api, "KZ00001/close", {"reason": "تعطیل"})).status_code == 200
        other = await create(api)
        late = {"sorting_centre": centre["code"]}
        assigned = await command(api, other["code"], late, method="PATCH")
        assert assigned.json()["code"] == "not_a_sorting_centre"


async def test_a_plan_that_became_impossible_is_dropped(api: Api) -> None:
    """Its office was found to be of another kind all along."""
    await create(api, kind="communication_office", founded_on="2004-01-01")
    await command(api, "KZ00001/convert", {"kind": "pishkhan", "on": TOMORROW})
    await command(api, "KZ00001", {"kind": "agency"}, method="PATCH")
    api.clock.at += timedelta(days=1)
    assert await due(api) == 0
    assert (await history(api))["planned"] == []
    assert len(await api.events("office_plan.dropped")) == 1


async def test_who_may_and_what_is_refused(api: Api) -> None:
    await create(api)
    bodies: dict[str, dict[str, Any]] = {
        "convert": {"kind": "pishkhan", "on": TODAY},
        "relocate": MOVE,
        "transfer": {"owner": COMPANY, "on": TODAY},
        "close": {"reason": "پایان"},
    }
    for path, body in bodies.items():
        url = f"/v1/offices/KZ00001/{path}"
        other = api.headers("scans:write")
        assert (await api.client.post(url, json=body)).status_code == 401
        assert (await api.client.post(url, json=body, headers=other)).status_code == 403
        assert (await command(api, f"KZ09999/{path}", body)).status_code == 404
        for bad in ({}, {**body, "colour": "red"}, {**body, next(iter(body)): ""}):
            assert (await command(api, f"KZ00001/{path}", bad)).status_code == 422
    for on in ("1899-12-31", "2201-01-01", "2019-02-30"):
        assert await refusal(api, "relocate", {**MOVE, "on": on}) == (422, "invalid")
    for owner in ({"kind": "post", "name": "پست"}, {"kind": "person"}, {"kind": "bank"}):
        assert await refusal(api, "transfer", {"owner": owner, "on": TODAY}) == (422, "invalid")
    assert await refusal(api, "relocate", {**MOVE, "town": "shiraz"}) == (409, "unknown_town")
    assert (await command(api, "KZ00001/history", method="GET")).status_code == 200
    assert (await api.client.get("/v1/offices/KZ00001/history")).status_code == 401
    assert (await api.client.get("/v1/offices/KZ00001")).json()["version"] == 1
