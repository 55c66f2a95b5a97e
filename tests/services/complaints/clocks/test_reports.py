"""The queue by the clock, and the share within target."""

from typing import Any

import pytest

from tests.services.complaints.clocks.conftest import (
    ABOUT_OFFICE,
    ComplaintsDesk,
    tehran,
    wall,
)
from tests.services.complaints.conftest import Sisters

pytestmark = pytest.mark.anyio

QUEUE = "/v1/complaint-clocks"
REPORT = "/v1/statistics/complaint-clocks"


async def queue(desk: ComplaintsDesk, **params: Any) -> list[tuple[str, str, str, str | None]]:
    """All pages of it, two rows each."""
    found, cursor = [], None
    while True:
        asked = {**params, "limit": 2} | ({"cursor": cursor} if cursor else {})
        page = await desk.ask("GET", QUEUE, params=asked)
        found += page["items"]
        cursor = page["next"]
        if cursor is None:
            return [(c["number"], c["measure"], c["state"], wall(c["due_at"])) for c in found]


async def test_the_queue_is_ordered_by_what_is_due_first(
    desk: ComplaintsDesk, sisters: Sisters
) -> None:
    sisters.offices["KZ00077"] = {"code": "KZ00077", "name": "دزفول", "county": "dezful"}
    elsewhere = {"kind": "office", "office": "KZ00077"}
    slow = (await desk.file(category="price", about=elsewhere))["number"]
    desk.at("2019-04-08 08:30")
    filed = await desk.file()
    usual = filed["number"]
    done = await desk.file()
    await desk.answer(done)
    desk.at("2019-04-08 09:10")
    assert await queue(desk) == [
        (slow, "first_response", "breached", "2019-04-08 09:00"),  # though no timer came by
        (usual, "first_response", "running", "2019-04-08 09:30"),
        (usual, "resolution", "running", "2019-04-09 09:15"),
        (slow, "resolution", "running", "2019-04-09 10:45"),
    ]
    await desk.pause(filed)
    assert (usual, "resolution", "paused", "2019-04-09 10:55") in await queue(desk)
    overdue = await queue(desk, state="overdue")
    assert [row[2] for row in overdue] == ["breached"]
    soon = await queue(desk, state="in_time", due_before=tehran("2019-04-09 10:50").isoformat())
    assert soon == [(slow, "resolution", "running", "2019-04-09 10:45")]
    assert {row[0] for row in await queue(desk, office="KZ00077")} == {slow}
    assert {row[0] for row in await queue(desk, county="ahvaz")} == {usual}
    assert await queue(desk, measure="update") == []
    assert await queue(desk, county="shush") == []
    assert await queue(desk, officer="00000000-0000-7000-8000-000000000001") == []
    for bad in (
        {"cursor": "WzFd"},
        {"cursor": "W251bGwsMSwicmVzb2x1dGlvbiIsMSwwXQ"},
        {"state": "x"},
    ):
        assert (await desk.send("GET", QUEUE, params=bad)).status_code == 422
    assert (await desk.send("GET", QUEUE, "reports:read")).status_code == 403


async def test_the_report_counts_what_was_within_target(desk: ComplaintsDesk) -> None:
    """By category, channel, county and Jalali month, of the clocks started in the period."""
    in_time, late = await desk.file(), await desk.file(category="loss")
    await desk.file(category="price", about={"kind": "website"})
    desk.at("2019-04-08 08:40")
    await desk.answer(in_time)
    desk.at("2019-04-08 09:30")
    await desk.answer(late)
    await desk.answer(await desk.file())

    async def rows(period: str, by: str = "none") -> dict[tuple[str, str], Any]:
        path = f"{REPORT}?period={period}&by={by}"
        found = (await desk.ask("GET", path, "reports:read"))["rows"]
        return {(row.pop("key"), row.pop("measure")): row for row in found}

    whole = await rows("1398")
    assert whole["", "first_response"] == {
        "clocks": 4,
        "within_target": 2,
        "late": 2,  # one is not answered yet, and is over its time
        "running": 0,
        "breaches": 1,
        "share_percent": 50.0,
        "median_minutes": 40,
    }
    assert whole["", "resolution"]["share_percent"] == 100.0
    assert (whole["", "resolution"]["running"], whole["", "resolution"]["clocks"]) == (1, 4)
    by_category = await rows("1398-H1", "category")
    assert {key: row["share_percent"] for key, row in by_category.items() if key[1][0] == "f"} == {
        ("delay", "first_response"): 100.0,
        ("loss", "first_response"): 0.0,
        ("price", "first_response"): 0.0,
    }
    assert set(await rows("1398-01-19", "county")) == {
        (county, measure)
        for county in ("", "ahvaz")
        for measure in ("first_response", "resolution")
    }
    assert {key for key, _ in await rows("1398", "month")} == {"1398-01"}
    assert {key for key, _ in await rows("1398", "channel")} == {"web"}
    for by in ("severity", "office"):
        assert sum(row["clocks"] for row in (await rows("1398", by)).values()) == 8
    assert await rows("1397") == {}
    assert (await desk.send("GET", f"{REPORT}?period=1398")).status_code == 403
    assert (await desk.send("GET", f"{REPORT}?period=x", "reports:read")).status_code == 422


async def test_a_case_before_all_targets_has_no_clocks(desk: ComplaintsDesk) -> None:
    """And everything is done with it as ever."""
    scopes = ("complaints:read", "complaints:answer", "backfill")
    about = {"occurred_at": "1950-01-01T08:00:00Z"}
    filed = await desk.ask(
        "POST",
        "/v1/complaints",
        *scopes,
        status=201,
        json={
            "about": ABOUT_OFFICE,
            "category": "conduct",
            "text": "قدیمی",
            "complainant": {"name": "زهرا احمدی", "phone": "09161234567"},
            **about,
        },
    )
    path = f"/v1/complaints/{filed['number']}"
    found = await desk.ask("GET", f"{path}/clocks", status=404)
    assert found["code"] == "clocks_unknown"
    await desk.say(filed)
    assert (await desk.pause(filed, status=409))["code"] == "clock_stands"
    await desk.answer(filed)
    await desk.say(filed)
    await desk.answer(filed)
    await desk.close(filed)
    await desk.reopen(filed)
    await desk.assess(filed, "high")
    assert await desk.api.events("clock.started") == []
