"""Vehicles and trips through the API, and what the clock does to them."""

import asyncio
import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from services.parcels.hops import service as hops
from services.parcels.trips import timers
from shared.pagination import encode_cursor
from tests.conftest import Api
from tests.factories.transport import line
from tests.services.parcels.conftest import ABADAN, AHVAZ, DEZFUL, Parcels, centres

pytestmark = pytest.mark.anyio

NORTH = line("AHV-DEZ-1", AHVAZ, "20:00", DEZFUL, "22:30")
ROUND = line(
    "ROUND-1", ABADAN, "13:00", AHVAZ, "15:00/15:30", DEZFUL, "18:00", distance_km=310, days=["thu"]
)
LORRY = {
    "plate": "۲۴ ایران ۳۴۵ ب ۱۴",
    "mode": "road",
    "capacity_items": 1_000,
    "capacity_kg": 5_000,
}
TRIP = "/v1/trips/ROUND-1.2019-03-21"


class Dispatcher:
    """Who plans lines, and sees vehicles come and go."""

    def __init__(self, parcels: Parcels) -> None:
        self.api: Api = parcels.api
        self.parcels = parcels
        self.client = parcels.client
        self.staff = self.api.headers("transport:write", "reports:read", kind="staff")

    async def send(self, method: str, path: str, body: Any = None) -> httpx.Response:
        return await self.client.request(method, path, json=body, headers=self.staff)

    async def ok(self, method: str, path: str, body: Any = None) -> Any:
        answer = await self.send(method, path, body)
        assert answer.status_code in {200, 201}, answer.text
        return answer.json()

    async def code(self, method: str, path: str, body: Any = None) -> tuple[int, str]:
        answer = await self.send(method, path, body)
        return answer.status_code, answer.json()["code"]

    async def tick(self, minutes: float = 0) -> None:
        """Time passes, and the timers run."""
        self.api.clock.at += timedelta(minutes=minutes)
        await timers.plan_ahead(self.api.database, self.api.clock)
        await timers.tell_late(self.api.database, self.api.clock)

    async def told(self, *types: str) -> list[tuple[str, list[str]]]:
        events = await self.api.events(*(f"trip.{name}" for name in types))
        return [(e["type"][5:], [trip["trip"] for trip in e["data"]["items"]]) for e in events]

    async def vehicle(self, code: str, **changes: Any) -> None:
        await self.ok("POST", "/v1/vehicles", LORRY | {"code": code} | changes)


@pytest.fixture
async def desk(parcels: Parcels) -> Dispatcher:
    await parcels.follow(*centres())
    made = Dispatcher(parcels)
    for one in (NORTH, ROUND):
        await made.ok("POST", "/v1/lines", one)
    return made


async def test_trips_follow_the_timetable_two_days_ahead(desk: Dispatcher) -> None:
    await desk.tick()
    await desk.tick()
    north = [f"AHV-DEZ-1.2019-03-2{n}" for n in (1, 2, 3)]
    assert await desk.told("planned", "changed") == [("planned", [*north, "ROUND-1.2019-03-21"])]
    # another timetable from tomorrow on, and an end the day after
    changed = {k: v for k, v in NORTH.items() if k != "code"} | {"valid_from": "2019-03-22"}
    changed["calls"] = line("x", AHVAZ, "21:00", DEZFUL, "23:00")["calls"]
    await desk.ok("PUT", "/v1/lines/AHV-DEZ-1", changed | {"valid_until": "2019-03-22"})
    await desk.tick()
    assert await desk.told("changed", "cancelled") == [
        ("cancelled", north[2:]),
        ("changed", north[1:2]),
    ]
    moved = await desk.ok("GET", f"/v1/trips/{north[1]}")
    assert moved["calls"][0]["departs_at"] == "2019-03-22T16:30:00Z"  # summer time
    listed = await desk.ok("GET", "/v1/trips?status=planned")
    assert [t["trip"] for t in listed["items"]] == [north[0], "ROUND-1.2019-03-21", north[1]]
    first = await desk.ok("GET", "/v1/trips?limit=1&line=AHV-DEZ-1")
    rest = await desk.ok("GET", f"/v1/trips?line=AHV-DEZ-1&cursor={first['next']}")
    assert [t["trip"] for t in first["items"] + rest["items"]] == north
    far = {"line": "ROUND-1", "day": "2019-03-28"}
    assert (await desk.ok("POST", "/v1/trips", far))["status"] == "planned"
    assert await desk.code("POST", "/v1/trips", far) == (409, "trip_exists")
    off = {"line": "ROUND-1", "day": "2019-03-29"}
    assert await desk.code("POST", "/v1/trips", off) == (409, "line_does_not_run")
    for made_up in ("ROUND-1.2019-99-99", "NO-1.2019-03-21"):
        assert await desk.code("GET", f"/v1/trips/{made_up}") == (404, "trip_not_found")


async def test_a_trip_that_is_late_is_told_once_and_routes_wait_for_it(desk: Dispatcher) -> None:
    await desk.vehicle("LORRY-1")
    await desk.tick()
    await desk.ok("PUT", f"{TRIP}/vehicle", {"vehicle": "LORRY-1"})
    planned = await desk.ok("GET", f"/v1/routes?from={ABADAN}&to={DEZFUL}")
    assert planned["arrives_at"] == "2019-03-21T14:30:00Z"
    # 13:00 in Tehran is 9:30 UTC, ninety minutes from the start; nobody says that it left
    await desk.tick(104)
    assert await desk.told("late") == []
    await desk.tick(2)
    await desk.tick(2)
    assert await desk.told("late") == [("late", ["ROUND-1.2019-03-21"])]
    # it was not seen to leave and has a vehicle: what is ready only now will make it all the same
    now = "2019-03-21T09:48:00Z"
    desk.api.app.state.runtime.caches.clear()
    awaited = await desk.ok("GET", f"/v1/routes?from={ABADAN}&to={AHVAZ}&at={now}")
    assert awaited["legs"][0]["departs_at"] == now
    assert awaited["arrives_at"] == "2019-03-21T11:48:00Z"
    racers = [
        desk.send("PUT", f"{TRIP}/calls/1/departure", {"items": 600, "weight_kg": 1_000})
        for _ in range(8)
    ]
    answers = {answer.text for answer in await asyncio.gather(*racers)}
    assert len(answers) == 1
    left = json.loads(answers.pop())
    assert (left["status"], left["delay_min"]) == ("departed", 18)
    assert left["calls"][2]["expected_arrival_at"] == "2019-03-21T14:30:00Z"  # its stop makes up
    again = await desk.send("PUT", f"{TRIP}/calls/1/departure", {})
    assert again.json() == left
    assert await desk.told("departed") == [("departed", ["ROUND-1.2019-03-21"])]


async def test_a_late_trip_goes_on_and_its_work_is_counted(desk: Dispatcher) -> None:
    await desk.vehicle("LORRY-1")
    await desk.tick()
    await desk.ok("PUT", f"{TRIP}/vehicle", {"vehicle": "LORRY-1"})
    await desk.tick(108)
    left = {"at": "2019-03-21T09:48:00Z", "items": 600, "weight_kg": 1_000}
    await desk.ok("PUT", f"{TRIP}/calls/1/departure", left)
    await desk.tick(150)  # it is to arrive at 15:18, 11:48 UTC; it is 12:18 there now
    assert await desk.told("late") == [("late", ["ROUND-1.2019-03-21"])] * 2
    came = await desk.ok("PUT", f"{TRIP}/calls/2/arrival", {"at": "2019-03-21T12:10:00Z"})
    assert (came["delay_min"], came["calls"][2]["expected_arrival_at"]) == (
        40,
        "2019-03-21T14:40:00Z",
    )
    desk.api.app.state.runtime.caches.clear()
    late = await desk.ok("GET", f"/v1/routes?from={ABADAN}&to={DEZFUL}&at=2019-03-21T09:30:00Z")
    assert late["arrives_at"] == "2019-03-21T14:48:00Z"  # it was not seen to leave yet
    for call, kind, body in (
        (2, "departure", {"at": "2019-03-21T12:00:00Z"}),  # before it came
        (2, "departure", {"at": "2019-03-21T12:30:00Z"}),  # yet to come
        (3, "arrival", {"at": "2018-03-21T12:30:00Z"}),
        (2, "arrival", {"at": "2019-03-21T12:10:00Z", "driven_km": 7}),
    ):
        assert (await desk.code("PUT", f"{TRIP}/calls/{call}/{kind}", body))[0] == 422
    assert await desk.code("PUT", f"{TRIP}/calls/3/departure", {}) == (404, "trip_not_found")
    assert await desk.code("POST", f"{TRIP}/cancel", {"reason": "خرابی"}) == (
        409,
        "trip_under_way",
    )
    await desk.ok("PUT", f"{TRIP}/calls/2/departure", {"items": 200})
    desk.api.clock.at += timedelta(hours=3)
    over = await desk.ok("PUT", f"{TRIP}/calls/3/arrival", {"driven_km": 333})
    assert (over["status"], over["driven_km"]) == ("arrived", 333)
    (row,) = (await desk.ok("GET", "/v1/fleet?period=1398"))["items"]
    assert (row["vehicle"], row["trips"], row["kilometres"]) == ("LORRY-1", 1, 333)
    assert (row["items_load_percent"], row["weight_load_percent"]) == (40.0, 20.0)
    assert (await desk.ok("GET", "/v1/fleet?period=1397"))["items"] == []
    assert (await desk.ok("GET", "/v1/fleet?period=1398&cursor=WyJMT1JSWS0xIl0"))["items"] == []
    told = await desk.told("departed", "arrived")
    assert [kind for kind, _ in told] == ["departed", "arrived", "departed", "arrived"]


async def test_a_cancelled_trip_carries_nobody_until_it_is_seen_to_run(desk: Dispatcher) -> None:
    await desk.tick()
    twice = [await desk.ok("POST", f"{TRIP}/cancel", {"reason": "سیل"}) for _ in range(2)]
    assert twice[0] == twice[1]
    assert (twice[0]["status"], twice[0]["reason"]) == ("cancelled", "سیل")
    route = f"/v1/routes?from={ABADAN}&to={AHVAZ}"
    assert (await desk.ok("GET", route))["legs"][0]["day"] == "2019-03-28"
    await desk.tick(1000)
    assert await desk.told("late", "cancelled") == [
        ("cancelled", ["ROUND-1.2019-03-21"]),
        ("late", ["AHV-DEZ-1.2019-03-21"]),
    ]
    left = {"at": "2019-03-21T09:40:00Z"}
    ran = await desk.ok("PUT", f"{TRIP}/calls/1/departure", left)
    assert (ran["status"], ran["delay_min"], ran["reason"]) == ("departed", 10, None)


async def test_a_vehicle_is_fit_and_free(desk: Dispatcher) -> None:
    await desk.tick()
    await desk.vehicle("LORRY-1")
    assert await desk.code("POST", "/v1/vehicles", LORRY | {"code": "LORRY-1"}) == (
        409,
        "vehicle_code_in_use",
    )
    await desk.vehicle("OLD-1", active=False)
    await desk.vehicle("TRAIN-1", mode="rail")
    unfit = (409, "vehicle_unfit")
    for code in ("OLD-1", "TRAIN-1"):
        assert await desk.code("PUT", f"{TRIP}/vehicle", {"vehicle": code}) == unfit
    assert await desk.code("PUT", f"{TRIP}/vehicle", {"vehicle": "NO-1"}) == (422, "invalid")
    given = await desk.ok("PUT", f"{TRIP}/vehicle", {"vehicle": "LORRY-1"})
    assert (given["vehicle"], given["capacity_items"]) == ("LORRY-1", 1_000)
    assert (await desk.ok("PUT", f"{TRIP}/vehicle", {"vehicle": "LORRY-1"})) == given
    # on the road till 18:00, so it can take the 20:00, but not a line that leaves at 17:00
    await desk.ok("PUT", "/v1/trips/AHV-DEZ-1.2019-03-21/vehicle", {"vehicle": "LORRY-1"})
    await desk.ok("POST", "/v1/lines", line("SOON-1", DEZFUL, "17:00", AHVAZ, "19:00"))
    await desk.tick()
    soon = "/v1/trips/SOON-1.2019-03-21/vehicle"
    assert await desk.code("PUT", soon, {"vehicle": "LORRY-1"}) == unfit
    back = await desk.ok("PUT", f"{TRIP}/vehicle", {"vehicle": None})
    assert (back["vehicle"], back["capacity_items"]) == (None, 4_000)
    await desk.ok("PUT", "/v1/trips/AHV-DEZ-1.2019-03-21/vehicle", {"vehicle": None})
    # two desks want one lorry for two trips at one time
    answers = await asyncio.gather(
        *(desk.send("PUT", path, {"vehicle": "LORRY-1"}) for path in (f"{TRIP}/vehicle", soon))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    retired = await desk.ok("PUT", "/v1/vehicles/LORRY-1", LORRY | {"active": False})
    assert (retired["active"], retired["version"]) == (False, 2)
    assert (await desk.ok("PUT", "/v1/vehicles/LORRY-1", LORRY | {"active": False})) == retired
    listed = await desk.ok("GET", "/v1/vehicles")
    assert [v["code"] for v in listed["items"]] == ["LORRY-1", "OLD-1", "TRAIN-1"]
    assert await desk.code("GET", "/v1/vehicles/NO-1") == (404, "vehicle_not_found")


async def test_cursors_that_no_list_gave_out(desk: Dispatcher) -> None:
    await hops.recompute(desk.api.database, desk.api.clock)
    made_ups: list[list[Any]] = [
        ["\x00"],
        ["\x00", "\x00"],
        ["2019-03-21", "\x00"],
        [True],
        [{}],
        [1, 2, 3],
    ]
    for path in (
        "/v1/lines",
        "/v1/timetable?from_day=2019-03-21&until_day=2019-03-21",
        "/v1/trips",
        "/v1/vehicles",
        "/v1/fleet?period=1398",
        "/v1/feeder-rules",
        "/v1/routes/next-hops",
        "/v1/routes/flows",
    ):
        for made_up in made_ups:
            cursor = urlencode({"cursor": encode_cursor(made_up)})
            answer = await desk.send("GET", f"{path}{'&' if '?' in path else '?'}{cursor}")
            assert (path, answer.status_code) == (path, 422)
