"""Services performed: recorded once, flagged where they do not fit, reversed, summed, reported."""

import asyncio
import uuid
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from services.offices.performance import repository
from services.offices.registry import repository as registry
from tests.conftest import START, Api
from tests.factories.catalogue import add_services, ask, offer
from tests.factories.offices import create

pytestmark = pytest.mark.anyio

RECORD = "services:record"
TODAY = "2019-03-21"
WAITING = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


@pytest.fixture
async def office(api: Api) -> str:
    """A pishkhan that offers plates, electronically too, and not fines."""
    await add_services(api, "police.plates", electronic=True)
    await add_services(api, "police.fines")
    code: str = (await create(api, kind="pishkhan"))["code"]
    await offer(api, code, "police.plates", valid_from="2017-01-01")
    return code


def record(office: str, **fields: Any) -> dict[str, Any]:
    return {
        "record_id": str(uuid.uuid4()),
        "office": office,
        "service": "police.plates",
        "day": TODAY,
        "count": 3,
        "electronic": False,
        **fields,
    }


async def send(api: Api, *records: dict[str, Any], backfill: bool = False) -> Any:
    scopes = (RECORD, "backfill") if backfill else (RECORD,)
    answer = await api.client.post(
        "/v1/services/performed", json={"records": records}, headers=api.headers(*scopes)
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


async def reverse(api: Api, record_id: str) -> Any:
    path = f"services/performed/{record_id}/reverse"
    return await ask(api, "POST", path, {"reason": "اشتباه در شمارش"}, scope=RECORD)


async def counts(api: Api) -> dict[Any, int]:
    """The roll-up, which must be what a recount of the records gives."""
    async with api.database.transaction() as session:
        recounted = await repository.recount(session)
    rows = await api.database.hot.fetch("SELECT * FROM performed_daily WHERE count <> 0")
    found = {(r["day"], r["service"], r["kind"], r["electronic"]): r["count"] for r in rows}
    assert found == recounted
    return found


class TestRecord:
    async def test_each_once_with_a_result_each(self, api: Api, office: str) -> None:
        first, second = record(office), record(office, electronic=True, count=5)
        answer = await send(api, first, second, first)
        assert answer["recorded"] == 2
        assert [row["result"] for row in answer["results"]] == ["recorded", "recorded", "duplicate"]
        again = await send(api, {**first, "count": 4}, second)
        assert again["recorded"] == 0
        assert [(row["result"], row["problem"]) for row in again["results"]] == [
            ("refused", "record_id_reused"),
            ("duplicate", None),
        ]
        assert sorted((await counts(api)).values()) == [3, 5]
        (event,) = await api.events("service.performed")
        assert [item["count"] for item in event["data"]["items"]] == [3, 5]
        assert event["data"]["items"][0] == {
            **first,
            "kind": "pishkhan",
            "flags": [],
            "reverses": None,
        }

    async def test_what_does_not_fit_is_recorded_and_flagged(self, api: Api, office: str) -> None:
        await ask(api, "PATCH", "services/police.fines", {"valid_until": "2019-03-20"})
        answer = await send(
            api,
            record(office, service="police.fines", electronic=True),
            record(office, service="police.fines", day="2019-03-20"),
            record(office),
        )
        assert [(row["result"], row["flags"]) for row in answer["results"]] == [
            ("recorded", ["not_offered", "service_not_in_force", "other_channel"]),
            ("recorded", ["not_offered"]),
            ("recorded", []),
        ]

    async def test_what_cannot_be_is_refused_alone(self, api: Api, office: str) -> None:
        wrong = [
            record("KZ00099"),
            record(office, service="police.none"),
            record(office, day="2019-03-22"),
            record(office, day="2019-02-17"),
            record(office, day="2019-02-18"),
        ]
        answer = await send(api, *wrong)
        assert [row["problem"] for row in answer["results"]] == [
            "unknown_office",
            "unknown_service",
            "future_day",
            "needs_backfill",
            None,
        ]
        assert (await send(api, wrong[3], backfill=True))["recorded"] == 1
        bad: list[list[dict[str, Any]]] = [[], [record(office, count=0)], [{}]]
        for records in bad:
            body = {"records": records}
            answer = await ask(api, "POST", "services/performed", body, scope=RECORD)
            assert answer.status_code == 422

    async def test_who_works_at_one_office_records_for_no_other(
        self, api: Api, office: str
    ) -> None:
        other = (await create(api, kind="pishkhan"))["code"]
        own, theirs = record(office), record(other)
        path, headers = "/v1/services/performed", api.headers(RECORD, kind="staff", office=office)
        answer = await api.client.post(path, json={"records": [own, theirs]}, headers=headers)
        assert [row["problem"] for row in answer.json()["results"]] == [None, "other_office"]
        assert (await send(api, theirs))["recorded"] == 1
        reversal = {"reason": "اشتباه در شمارش"}
        for sent, status in ((theirs, 403), (own, 201)):
            one = f"{path}/{sent['record_id']}/reverse"
            answer = await api.client.post(one, json=reversal, headers=headers)
            assert answer.status_code == status
        for code, status in ((other, 403), (office, 200)):
            answer = await api.client.get(f"/v1/offices/{code}/performed", headers=headers)
            assert answer.status_code == status

    async def test_batches_in_opposite_orders_do_not_deadlock(self, api: Api, office: str) -> None:
        """Two meet in the middle, where a third holds them up until both wait: then it lets go."""
        days = [str(START.date() - timedelta(days=n)) for n in range(30)]
        same = sorted((record(office, day=d) for d in days), key=lambda sent: sent["record_id"])
        others = [record(office, day=day) for day in days[::-1]]
        middle = """
            INSERT INTO performed SELECT $1::text::uuid, id, kind, 'police.plates', '2019-03-21', 1,
                false, '{}', NULL, NULL, 'x', now() FROM office
        """
        cell = """
            INSERT INTO performed_daily VALUES ($1::text::date, 'police.plates', 'pishkhan', false)
            ON CONFLICT (day, service, kind, electronic) DO UPDATE SET count = 0
        """
        for held, key, one, two in (
            (middle, same[15]["record_id"], same, same[::-1]),
            (cell, days[15], others, [record(office, day=day) for day in days]),
        ):
            async with api.database.hot.acquire() as third:
                hold = third.transaction()
                await hold.start()
                await third.execute(held.replace("false)", "false, 0)"), key)
                sends = [asyncio.create_task(send(api, *batch)) for batch in (one, two)]
                while await api.database.hot.fetchval(WAITING) < 2:
                    assert not any(task.done() for task in sends)
                await hold.rollback()
            assert {answer["recorded"] for answer in await asyncio.gather(*sends)} <= {0, 30}
        assert set((await counts(api)).values()) == {3 * 3}

    async def test_recording_and_changing_offices_wait_for_each_other(
        self, api: Api, office: str
    ) -> None:
        """Offices are locked in one order by both, whatever the order of the records."""
        codes = [office, *[(await create(api))["code"] for _ in range(4)]]
        batches = [[record(code) for code in codes * 40][::way] for way in (1, -1, 1, -1)]

        async def change_all() -> None:
            async with api.database.transaction() as session:
                await registry.lock(session, codes[::-1])

        sends = asyncio.gather(*(send(api, *batch) for batch in batches))
        answers, _ = await asyncio.gather(sends, asyncio.gather(*(change_all() for _ in range(6))))
        assert sum(answer["recorded"] for answer in answers) == 4 * 200

    async def test_records_are_only_added(self, api: Api, office: str) -> None:
        await send(api, record(office))
        for statement in ("UPDATE performed SET count = 1", "DELETE FROM performed"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await api.database.hot.execute(statement)


class TestReverse:
    async def test_a_row_of_its_own_once(self, api: Api, office: str) -> None:
        first, other = record(office), record(office, count=4)
        await send(api, first, other)
        answers = await asyncio.gather(*(reverse(api, first["record_id"]) for _ in range(4)))
        assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
        made = next(answer.json() for answer in answers if answer.status_code == 201)
        assert (made["count"], made["reverses"]) == (-3, first["record_id"])
        assert made["office_share_rials"] == -3 * 40_000
        assert list((await counts(api)).values()) == [4]
        again = await reverse(api, made["record_id"])
        assert (again.status_code, again.json()["code"]) == (409, "is_reversal")
        assert (await reverse(api, str(uuid.uuid4()))).status_code == 404
        assert (await send(api, first))["results"][0]["result"] == "duplicate"
        (event,) = await api.events("service.reversed")
        (item,) = event["data"]["items"]
        assert (item["count"], item["reverses"]) == (-3, first["record_id"])


class TestList:
    async def test_an_offices_records_with_the_share_of_the_day(
        self, api: Api, office: str
    ) -> None:
        price = {"valid_from": TODAY, "fee_rials": 200_000, "office_share_rials": 50_000}
        await ask(api, "POST", "services/police.plates/prices", price)
        await send(api, record(office), record(office, day="2019-03-20", count=2))
        other = (await create(api))["code"]
        await send(api, record(other))
        path = f"/v1/offices/{office}/performed"

        async def page(**query: Any) -> Any:
            answer = await api.client.get(path, params=query, headers=api.headers(RECORD))
            assert answer.status_code == 200, answer.text
            return answer.json()

        first = await page(limit=1)
        rest = await page(limit=1, cursor=first["next"])
        rows = first["items"] + rest["items"]
        assert rest["next"] is None
        assert [(row["day"], row["fee_rials"], row["office_share_rials"]) for row in rows] == [
            ("2019-03-20", 200_000, 80_000),
            ("2019-03-21", 600_000, 150_000),
        ]
        assert (await page(**{"from": TODAY}))["items"] == rest["items"]
        assert (await page(until="2019-03-20"))["items"] == first["items"]
        for cursor in ("WzFd", "WyJhIiwiYiJd"):
            answer = await api.client.get(
                path, params={"cursor": cursor}, headers=api.headers(RECORD)
            )
            assert answer.status_code == 422


class TestStatistics:
    async def test_growth_by_service_kind_and_channel(self, api: Api, office: str) -> None:
        post = (await create(api))["code"]
        await add_services(api, "counter.payment", delegated=False)
        await send(
            api,
            record(office, day="2017-03-21", count=10, electronic=True),  # 1396-01-01
            record(office, day="2018-03-20", count=10),  # the last of 1396
            record(office, day="2018-03-21", count=16, electronic=True),  # the first of 1397
            record(post, day="2019-03-20", count=9),  # the last of 1397
            record(post, service="police.fines", day="2018-06-01", count=2),
            record(post, service="counter.payment", day="2018-06-01", count=1_000),
            record(office, day="2019-03-21", count=7),
            backfill=True,
        )
        await ask(api, "PATCH", "services/police.fines", {"valid_until": "2019-03-20"})
        path = "/v1/statistics/services"
        headers = api.headers("reports:read")
        found = (await api.client.get(f"{path}?period=۱۳۹۷", headers=headers)).json()
        assert found == {
            "period": "1397",
            "previous": "1396",
            "as_of": "2019-03-21T08:00:00Z",
            "services": {"in_force": 2, "electronic": 1},
            "total": {"count": 27, "previous_count": 20, "growth_percent": 35.0},
            "electronic": {"count": 16, "previous_count": 10, "growth_percent": 60.0},
            "by_kind": [
                {"kind": "pishkhan", "count": 16, "previous_count": 20},
                {"kind": "post_office", "count": 11, "previous_count": 0},
            ],
            "rows": [
                {
                    "service": "police.plates",
                    "name": "تعویض پلاک",
                    "principal": "police",
                    "count": 25,
                    "previous_count": 20,
                    "growth_percent": 25.0,
                },
                {
                    "service": "police.fines",
                    "name": "تعویض پلاک",
                    "principal": "police",
                    "count": 2,
                    "previous_count": 0,
                    "growth_percent": None,
                },
            ],
        }
        of = f"{path}/records?period=1397&service=police.plates&limit=1"
        first = (await api.client.get(of, headers=headers)).json()
        second = (await api.client.get(f"{of}&cursor={first['next']}", headers=headers)).json()
        assert [row["count"] for row in first["items"] + second["items"]] == [16, 9]
        assert second["next"] is None
        year = (await api.client.get(f"{path}?period=1398", headers=headers)).json()
        assert (year["services"]["in_force"], year["total"]["count"]) == (1, 7)
        api.clock.at = START + timedelta(days=400)
        day = (await api.client.get(f"{path}?period=1398-01-01", headers=headers)).json()
        assert day["total"] == {"count": 7, "previous_count": 16, "growth_percent": -56.25}
        assert (await api.client.get(f"{path}?period=97", headers=headers)).status_code == 422
