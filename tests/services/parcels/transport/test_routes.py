"""Lines and their timetable through the API."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.conftest import Api
from tests.factories.transport import line
from tests.services.parcels.conftest import ABADAN, AHVAZ, DEZFUL, Parcels, centres

pytestmark = pytest.mark.anyio

NORTH = line("AHV-DEZ-1", AHVAZ, "20:00", DEZFUL, "22:30")


class Planner:
    """Who plans the lines."""

    def __init__(self, parcels: Parcels) -> None:
        self.api: Api = parcels.api
        self.client = parcels.client
        self.staff = self.api.headers("transport:write", kind="staff")

    async def send(self, method: str, path: str, body: Any = None) -> httpx.Response:
        return await self.client.request(method, path, json=body, headers=self.staff)

    async def get(self, path: str) -> Any:
        answer = await self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def plan(self, *lines: dict[str, Any]) -> None:
        for one in lines:
            answer = await self.send("POST", "/v1/lines", one)
            assert answer.status_code == 201, answer.text


@pytest.fixture
async def planner(parcels: Parcels) -> Planner:
    await parcels.follow(*centres())
    return Planner(parcels)


def without(made: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in made.items() if name not in names}


def coded(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_a_line_is_planned_changed_and_ended_and_its_past_stays(planner: Planner) -> None:
    made = await planner.send("POST", "/v1/lines", NORTH)
    assert (made.status_code, made.headers["location"]) == (201, "/v1/lines/AHV-DEZ-1")
    (version,) = made.json()["versions"]
    assert {n: v for n, v in version.items() if n not in NORTH} == {"valid_until": None}
    assert without(version, "calls", "valid_until") == without(NORTH, "calls")
    assert coded(await planner.send("POST", "/v1/lines", NORTH)) == (409, "line_code_in_use")
    later = without(line("x", AHVAZ, "21:00", DEZFUL, "23:00", valid_from="2019-04-01"), "code")
    path = "/v1/lines/AHV-DEZ-1"
    changed = await planner.send("PUT", path, later)
    assert [(v["valid_from"], v["valid_until"]) for v in changed.json()["versions"]] == [
        ("2019-03-21", "2019-03-31"),
        ("2019-04-01", None),
    ]
    early = await planner.send("PUT", path, later | {"valid_from": "2019-03-20"})
    assert coded(early) == (409, "day_is_over")
    again = await planner.send("PUT", path, later | {"days": ["sat"]})
    assert [v["days"] for v in again.json()["versions"]] == [NORTH["days"], ["sat"]]
    ended = await planner.send("POST", f"{path}/end", {"on": "2019-03-25"})
    assert [(v["valid_from"], v["valid_until"]) for v in ended.json()["versions"]] == [
        ("2019-03-21", "2019-03-25")
    ]
    assert (await planner.get(path)) == ended.json()
    assert coded(await planner.send("PUT", "/v1/lines/NO-1", later)) == (404, "line_not_found")
    told = await planner.api.events("line.created", "line.changed", "line.ended")
    assert [event["type"].removeprefix("line.") for event in told] == [
        "created",
        "changed",
        "changed",
        "ended",
    ]
    assert told[-1]["data"]["line"] == ended.json()
    assert told[-1]["subject"] == "AHV-DEZ-1"


async def test_lines_that_cannot_be_are_refused(planner: Planner) -> None:
    for changes, field in (
        ({"calls": line("x", AHVAZ, "20:00", "KZ00099", "22:00")["calls"]}, "body.calls.1.office"),
        ({"calls": line("x", AHVAZ, "20:00", DEZFUL, "19:00")["calls"]}, "body.calls"),
        ({"calls": NORTH["calls"][:1]}, "body.calls"),
        ({"days": []}, "body.days"),
        ({"valid_until": "2019-03-20"}, "body"),
        ({"capacity_items": 0}, "body.capacity_items"),
        ({"code": "شمال"}, "body.code"),
    ):
        answer = await planner.send("POST", "/v1/lines", NORTH | changes)
        assert answer.status_code == 422, (changes, answer.text)
        assert answer.json()["errors"][0]["field"] == field
    shop = planner.api.headers("parcels:book")
    answer = await planner.client.post("/v1/lines", json=NORTH, headers=shop)
    assert answer.status_code == 403
    past = NORTH | {"valid_from": "2018-03-21"}
    assert coded(await planner.send("POST", "/v1/lines", past)) == (409, "day_is_over")
    backfill = planner.api.headers("transport:write", "backfill", kind="staff")
    answer = await planner.client.post("/v1/lines", json=past, headers=backfill)
    assert answer.status_code == 201


async def test_the_same_line_sent_twice_is_made_once(planner: Planner) -> None:
    headers = planner.staff | {"Idempotency-Key": "line-1"}
    first, second = [
        await planner.client.post("/v1/lines", json=NORTH, headers=headers) for _ in range(2)
    ]
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    other = NORTH | {"code": "AHV-DEZ-2"}
    racers = [planner.send("POST", "/v1/lines", other) for _ in range(4)]
    answers = [answer.status_code for answer in await asyncio.gather(*racers)]
    assert sorted(answers) == [201, 409, 409, 409]
    assert len(await planner.api.events("line.created")) == 2


async def test_lists_and_the_timetable(planner: Planner) -> None:
    ring = line(
        "RING-1", ABADAN, "08:00", AHVAZ, "10:00/11:00", DEZFUL, "+1 00:30", days=["thu", "sat"]
    )
    planned = line("ZZ-1", DEZFUL, "06:00", AHVAZ, "09:00", mode="rail", valid_from="2019-05-01")
    await planner.plan(NORTH, ring, planned)

    async def codes(query: str) -> list[str]:
        return [item["code"] for item in (await planner.get(f"/v1/lines?{query}"))["items"]]

    assert await codes("") == ["AHV-DEZ-1", "RING-1"]
    assert await codes("on=2019-05-01") == ["AHV-DEZ-1", "RING-1", "ZZ-1"]
    assert await codes(f"office={ABADAN}") == ["RING-1"]
    assert await codes("on=2019-05-01&mode=rail") == ["ZZ-1"]
    first = await planner.get("/v1/lines?limit=1")
    assert [i["code"] for i in first["items"]] == ["AHV-DEZ-1"]
    assert await codes(f"limit=1&cursor={first['next']}") == ["RING-1"]

    days = "/v1/timetable?from_day=2019-03-21&until_day=2019-03-23"
    whole = await planner.get(days)
    assert [(d["line"], d["day"][-2:], d["office"], d["departs_at"]) for d in whole["items"]] == [
        ("RING-1", "21", ABADAN, "2019-03-21T04:30:00Z"),
        ("RING-1", "21", AHVAZ, "2019-03-21T07:30:00Z"),
        ("AHV-DEZ-1", "21", AHVAZ, "2019-03-21T16:30:00Z"),
        ("AHV-DEZ-1", "22", AHVAZ, "2019-03-22T15:30:00Z"),  # summer time has begun
        ("RING-1", "23", ABADAN, "2019-03-23T03:30:00Z"),
        ("RING-1", "23", AHVAZ, "2019-03-23T06:30:00Z"),
        ("AHV-DEZ-1", "23", AHVAZ, "2019-03-23T15:30:00Z"),
    ]
    assert {d["ends_at_office"] for d in whole["items"]} == {DEZFUL}
    paged, cursor = [], ""
    while True:
        page = await planner.get(f"{days}&limit=3{cursor}")
        paged += page["items"]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert paged == whole["items"]
    only = await planner.get(f"{days}&line=RING-1&office={AHVAZ}")
    assert [d["arrives_at"] for d in only["items"]] == [
        "2019-03-21T21:00:00Z",
        "2019-03-23T20:00:00Z",
    ]
    for query in (
        "from_day=2019-03-21&until_day=2019-03-20",
        "from_day=2019-01-01&until_day=2019-03-20",
    ):
        assert (await planner.client.get(f"/v1/timetable?{query}")).status_code == 422
    assert (await planner.client.get(f"{days}&cursor=WzFd")).status_code == 422
