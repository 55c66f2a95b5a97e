"""A month's items over the timetable: what lengthens delivery, and what a change would do."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.parcels.flows import service as flows
from services.parcels.hops import service as hops
from tests.conftest import Api
from tests.factories.transport import line
from tests.services.parcels.conftest import ABADAN, AHVAZ, DEZFUL, Parcels, centres

pytestmark = pytest.mark.anyio

AT_DEZFUL, AT_ABADAN, AT_AHVAZ = "KZ00001", "KZ00002", "KZ00003"
MONTH = "1398-01"
ANALYSIS = f"/v1/routes/analysis?month={MONTH}"
LINES = (
    line("AHV-DEZ-1", AHVAZ, "21:00", DEZFUL, "23:00"),
    line("ABD-AHV-1", ABADAN, "20:30", AHVAZ, "22:30"),
)


class Analyst:
    def __init__(self, parcels: Parcels) -> None:
        self.parcels = parcels
        self.api: Api = parcels.api
        self.staff = self.api.headers("transport:write", "reports:read", kind="staff")

    async def send(self, method: str, path: str, body: Any = None) -> httpx.Response:
        return await self.parcels.client.request(method, path, json=body, headers=self.staff)

    async def ok(self, method: str, path: str, body: Any = None) -> Any:
        answer = await self.send(method, path, body)
        assert answer.status_code in {200, 201}, answer.text
        return answer.json()

    async def accept(self, office: str, town: str | None, count: int, minutes: int = 0) -> None:
        recipient = self.parcels.order()["recipient"] | {"town": town}
        barcodes = await self.parcels.booked(count, origin_office=office, recipient=recipient)
        scans = [self.parcels.one(b, "acceptance", minutes, office=office) for b in barcodes]
        await self.parcels.results(*scans)

    async def count(self) -> None:
        await flows.carry_out(self.api.database, self.api.clock)


@pytest.fixture
async def analyst(parcels: Parcels) -> Analyst:
    await parcels.follow(*centres())
    made = Analyst(parcels)
    for one in LINES:
        await made.ok("POST", "/v1/lines", one)
    return made


async def test_next_hops_are_computed_anew_when_lines_change(analyst: Analyst) -> None:
    path = "/v1/routes/next-hops"
    assert (await analyst.send("GET", path)).json()["code"] == "no_next_hops"
    database, clock = analyst.api.database, analyst.api.clock
    assert await hops.recompute(database, clock)
    assert not await hops.recompute(database, clock)
    found = (await analyst.ok("GET", path))["items"]
    assert [(h["centre"], h["destination"], h["next_office"], h["line"]) for h in found] == [
        (ABADAN, AHVAZ, AHVAZ, "ABD-AHV-1"),
        (ABADAN, DEZFUL, AHVAZ, "ABD-AHV-1"),
        (AHVAZ, DEZFUL, DEZFUL, "AHV-DEZ-1"),
    ]
    assert {(h["version"], h["share_percent"]) for h in found} == {(1, 100.0)}
    # a departure a day: from the moment after one, 24 hours to the next and the ride (one of the
    # week's nights is an hour shorter)
    assert (found[2]["worst_min"], found[2]["mean_min"]) == (26 * 60, 836)
    assert found[1]["worst_min"] > found[1]["mean_min"] > found[0]["mean_min"]
    await analyst.ok("POST", "/v1/lines", line("ABD-DEZ-1", ABADAN, "20:30", DEZFUL, "23:00"))
    assert await hops.recompute(database, clock)
    newer = (await analyst.ok("GET", f"{path}?centre={ABADAN}"))["items"]
    assert [(h["version"], h["destination"], h["line"]) for h in newer] == [
        (2, AHVAZ, "ABD-AHV-1"),
        (2, DEZFUL, "ABD-DEZ-1"),
    ]
    assert (await analyst.ok("GET", f"{path}?version=1"))["items"] == found
    first = await analyst.ok("GET", f"{path}?limit=2")
    rest = await analyst.ok("GET", f"{path}?cursor={first['next']}")
    assert len(first["items"] + rest["items"]) == 3
    assert (await analyst.send("GET", f"{path}?version=9")).status_code == 404
    told = await analyst.api.events("next_hops.computed")
    assert [event["data"]["next_hops"]["version"] for event in told] == [1, 2]


async def post(analyst: Analyst) -> None:
    """A day's items, and the time until their month is over."""
    # Thursday 21 March, 11:30: before the collection at 15:00; at 15:30 it goes with Saturday's
    await analyst.accept(AT_AHVAZ, "dezful", 3)
    await analyst.accept(AT_AHVAZ, "دزفول", 1, minutes=4)
    await analyst.accept(AT_ABADAN, "dezful", 2)
    analyst.api.clock.at += timedelta(hours=4)
    await analyst.accept(AT_AHVAZ, "dezful", 5)
    await analyst.accept(AT_AHVAZ, "ahvaz", 1)
    await analyst.accept(AT_DEZFUL, "abadan", 1)  # no line goes there
    await analyst.accept(AT_DEZFUL, "tehran", 1)  # nor have we an office there
    analyst.api.clock.at += timedelta(days=31)


async def test_which_lines_lengthen_delivery_most(analyst: Analyst) -> None:
    early = await analyst.send("POST", "/v1/routes/flows", {"month": MONTH})
    assert early.json()["code"] == "month_not_over"
    assert (await analyst.send("GET", ANALYSIS)).json()["code"] == "flows_not_counted"
    await post(analyst)
    await analyst.count()
    (counted,) = (await analyst.ok("GET", "/v1/routes/flows"))["items"]
    assert (counted["month"], counted["items"], counted["unplaced"]) == (MONTH, 14, 1)

    found = await analyst.ok("GET", ANALYSIS)
    assert found == await analyst.ok("GET", "/v1/routes/analysis")
    assert (found["local"], found["unreachable"], found["unplaced"]) == (1, 1, 1)
    lanes = {(lane["origin"], lane["destination"]): lane for lane in found["lanes"]}
    # collected at 15:00 and at the office at 7:30, on Thursdays with the Friday between
    # (and an hour less that night, when the clock was put on): 39.5 h and 16.5 h
    assert lanes[AHVAZ, DEZFUL]["items"] == 9
    assert lanes[AHVAZ, DEZFUL]["worst_h"] == 39.5
    assert lanes[AHVAZ, DEZFUL]["mean_h"] == round((4 * 39.5 + 5 * 16.5) / 9, 2)
    # from Abadan it misses the night's line in Ahvaz, and takes the next day's
    assert lanes[ABADAN, DEZFUL]["mean_h"] == 39.5
    north, south = found["lines"]
    assert (north["line"], south["line"]) == ("AHV-DEZ-1", "ABD-AHV-1")
    assert (north["items"], south["items"]) == (11, 2)
    # ready at 20:00: an hour's wait for nine; those from Abadan wait from 23:30 to 21:00
    assert north["wait_mean_h"] == round((9 * 1 + 2 * 20.5) / 11, 2)
    assert (south["wait_mean_h"], south["ride_mean_h"]) == (0.5, 2.0)
    # four that night, the two from Abadan the next, five on Saturday
    told = ("runs", "peak_items", "capacity_items", "overfull_runs")
    assert [north[name] for name in told] == [3, 5, 4_000, 0]
    assert round(north["share_percent"] + south["share_percent"]) == 100
    for period in ("1398", "1398-01-02"):
        path = f"/v1/routes/analysis?month={period}"
        assert (await analyst.send("GET", path)).status_code == 422


async def test_what_a_changed_line_would_do(analyst: Analyst) -> None:
    await post(analyst)
    await analyst.count()
    found = await analyst.ok("GET", ANALYSIS)
    later = {k: v for k, v in LINES[0].items() if k not in {"code", "valid_from"}}
    later["calls"] = line("x", AHVAZ, "23:30", DEZFUL, "+1 01:30")["calls"]
    tried = await analyst.ok(
        "POST",
        "/v1/routes/what-if",
        {"month": MONTH, "changes": [{"code": "AHV-DEZ-1", "line": later}]},
    )
    # two items would make the night's line; with Friday between, they are at their office no sooner
    assert (tried["lanes"], tried["saved_item_hours"]) == ([], 0.0)
    small = later | {"capacity_items": 4, "calls": LINES[0]["calls"]}
    shown = await analyst.ok(
        "POST", "/v1/routes/what-if", {"changes": [{"code": "AHV-DEZ-1", "line": small}]}
    )
    assert [line["overfull_runs"] for line in shown["lines"]] == [1, 0]
    gone = await analyst.ok(
        "POST",
        "/v1/routes/what-if",
        {"changes": [{"code": "AHV-DEZ-1", "line": None}]},
    )
    assert (gone["unreachable_before"], gone["unreachable_after"]) == (1, 12)
    assert [(c["origin"], c["after_h"]) for c in gone["lanes"]] == [(ABADAN, None), (AHVAZ, None)]
    back = later | {"calls": line("x", DEZFUL, "23:30", ABADAN, "+1 05:30")["calls"]}
    won = await analyst.ok(
        "POST", "/v1/routes/what-if", {"changes": [{"code": "DEZ-ABD-1", "line": back}]}
    )
    assert (won["unreachable_after"], won["lanes"][0]["before_h"]) == (0, None)
    assert await analyst.ok("GET", ANALYSIS) == found  # nothing was changed by asking
    wrong: tuple[dict[str, Any], ...] = (
        {"changes": [{"code": "NO-1", "line": None}]},
        {"changes": []},
        {"changes": [{"code": "AHV-DEZ-1", "line": None}] * 2},
        {"month": "1398", "changes": [{"code": "AHV-DEZ-1", "line": None}]},
    )
    for body in wrong:
        assert (await analyst.send("POST", "/v1/routes/what-if", body)).status_code == 422


async def test_a_month_is_counted_again_when_asked(analyst: Analyst) -> None:
    await post(analyst)
    await analyst.count()
    (late,) = await analyst.parcels.booked(origin_office=AT_AHVAZ)
    scan = analyst.parcels.one(late, "acceptance", -10 * 24 * 60, office=AT_AHVAZ)
    assert await analyst.parcels.results(scan, more=("backfill",)) == ["recorded"]
    await analyst.count()
    assert (await analyst.ok("GET", ANALYSIS))["items"] == 14
    analyst.api.clock.at += timedelta(minutes=1)
    await analyst.ok("POST", "/v1/routes/flows", {"month": MONTH})
    await analyst.count()
    assert (await analyst.ok("GET", ANALYSIS))["items"] == 15
    told = await analyst.api.events("flows.requested", "flows.counted")
    assert [event["type"] for event in told] == [
        "flows.counted",
        "flows.requested",
        "flows.counted",
    ]
