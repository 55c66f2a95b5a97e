"""The desk's calendar: its weeks from days on, single days, and the holidays that offices tells."""

import pytest

from tests.conftest import Api
from tests.services.complaints.clocks.conftest import SETTER, ComplaintsDesk

pytestmark = pytest.mark.anyio

HOURS = "/v1/complaint-hours"
DAYS = "/v1/complaint-days"
SPLIT = ["08:00-12:00", "13:00-16:00"]


async def shown(desk: ComplaintsDesk, since: str, until: str) -> dict[str, tuple[str, list[str]]]:
    path = f"/v1/complaint-calendar?since={since}&until={until}"
    found = (await desk.ask("GET", path))["items"]
    return {day["day"]: (day["rule"], day["intervals"]) for day in found}


async def test_weeks_days_and_holidays(api: Api) -> None:
    desk = ComplaintsDesk(api)
    assert await shown(desk, "2019-03-24", "2019-03-29") == {
        "2019-03-24": ("holiday", []),  # the fourth day of the new year
        "2019-03-25": ("hours", ["07:30-12:00", "12:45-15:30"]),
        "2019-03-26": ("hours", ["07:30-12:00", "12:45-15:30"]),
        "2019-03-27": ("hours", ["07:30-12:00", "12:45-15:30"]),
        "2019-03-28": ("hours", ["07:30-12:30"]),
        "2019-03-29": ("hours", []),
    }
    week = dict.fromkeys(("sat", "sun", "mon"), SPLIT)
    sent = {"valid_from": "2019-03-26", "hours": week, "reason": "ساعت تابستانی"}
    await desk.ask("POST", HOURS, "targets:write", status=201, json=sent)
    sent["hours"] = {**week, "tue": ["09:00-11:00"]}  # of the same day: the later record holds
    await desk.ask("POST", HOURS, "targets:write", status=201, json=sent)
    assert [h["valid_from"] for h in (await desk.ask("GET", f"{HOURS}?limit=2"))["items"]] == [
        "2019-03-26",
        "2019-03-26",
    ]
    opened = {"intervals": ["10:00-12:00"], "reason": "جبران"}
    await desk.ask("PUT", f"{DAYS}/2019-04-01", "targets:write", json=opened)  # a holiday
    await desk.ask("PUT", f"{DAYS}/2019-04-06", "targets:write", json={**opened, "intervals": []})
    await desk.ask("PUT", f"{DAYS}/2019-04-06", "targets:write", json={**opened, "intervals": []})
    found = await shown(desk, "2019-03-25", "2019-04-07")
    assert found["2019-03-25"] == ("hours", ["07:30-12:00", "12:45-15:30"])
    assert found["2019-03-26"] == ("hours", ["09:00-11:00"])
    assert found["2019-03-31"] == ("hours", SPLIT)
    assert found["2019-04-01"] == ("exception", ["10:00-12:00"])
    assert found["2019-04-02"] == ("holiday", [])
    assert found["2019-04-06"] == ("exception", [])
    assert [d["day"] for d in (await desk.ask("GET", DAYS))["items"]] == [
        "2019-04-01",
        "2019-04-06",
    ]
    page = await desk.ask("GET", f"{DAYS}?limit=1")
    rest = await desk.ask("GET", f"{DAYS}?limit=1&cursor={page['next']}")
    assert [d["day"] for d in rest["items"]] == ["2019-04-06"]
    await desk.ask("DELETE", f"{DAYS}/2019-04-01", "targets:write", status=204)
    assert (await shown(desk, "2019-04-01", "2019-04-01"))["2019-04-01"] == ("holiday", [])
    gone = await desk.ask("DELETE", f"{DAYS}/2019-04-01", "targets:write", status=404)
    assert gone["code"] == "day_is_usual"
    kinds = [e["type"] for e in await api.events() if e["type"].startswith("complaint_")]
    assert kinds == [
        *["complaint_hours.set"] * 2,
        *["complaint_day.set"] * 2,  # what was said twice is told once
        "complaint_day.cleared",
    ]


async def test_what_is_refused(api: Api) -> None:
    desk = ComplaintsDesk(api)
    hours = {"valid_from": "2019-03-21", "hours": {"sat": SPLIT}, "reason": "آزمایش"}
    begun = await desk.ask("POST", HOURS, "targets:write", status=409, json=hours)
    assert begun["code"] == "day_has_passed"
    await desk.ask("POST", HOURS, *SETTER, status=201, json=hours)
    day = {"intervals": [], "reason": "قطع برق"}
    past = await desk.ask("PUT", f"{DAYS}/2019-03-20", "targets:write", status=409, json=day)
    assert past["code"] == "day_has_passed"
    await desk.ask("PUT", f"{DAYS}/2019-03-20", *SETTER, json=day)
    await desk.ask("PUT", f"{DAYS}/2019-03-21", "targets:write", json=day)
    for method, path, body in (
        ("POST", HOURS, {**hours, "hours": {}}),
        ("POST", HOURS, {**hours, "hours": {"sat": ["12:00-08:00"]}}),
        ("POST", HOURS, {**hours, "hours": {"sat": ["08:00-12:00", "11:00-13:00"]}}),
        ("PUT", f"{DAYS}/1398-01-01", day),
        ("PUT", f"{DAYS}/2019-04-01", {**day, "reason": ""}),
        ("GET", "/v1/complaint-calendar?since=2019-04-01&until=2019-03-01", None),
        ("GET", "/v1/complaint-calendar?since=2019-04-01&until=2019-06-02", None),
        ("GET", f"{DAYS}?cursor=WzFd", None),
        ("GET", f"{HOURS}?cursor=WyJ4Il0", None),
    ):
        refused = await desk.send(method, path, *SETTER, json=body)
        assert refused.status_code == 422, (path, refused.text)
    for since, until in (("1900-01-01", "1900-03-02"), ("2200-11-01", "2200-12-31")):
        assert len(await shown(desk, since, until)) == 61
    for path in (HOURS, DAYS):
        assert (await desk.send("GET", path, "reports:read")).status_code == 403
    assert (await desk.send("PUT", f"{DAYS}/2019-04-01", json=day)).status_code == 403
