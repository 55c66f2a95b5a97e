"""Targets as dated versions: published, chosen by the day, withdrawn before they begin."""

import copy
from typing import Any

import pytest

from tests.conftest import Api
from tests.services.complaints.clocks.conftest import SETTER, TARGETS, ComplaintsDesk, level
from tests.services.complaints.conftest import STAFF

pytestmark = pytest.mark.anyio

URL = "/v1/complaint-targets"


def targets(code: str, valid_from: str, first: int, **changes: Any) -> dict[str, Any]:
    wanted = copy.deepcopy(TARGETS)
    wanted["rules"][0]["first_response"] = [level(first)]
    return {**wanted, "code": code, "valid_from": valid_from, **changes}


async def test_the_version_of_the_day_holds_and_stays_the_cases(api: Api) -> None:
    desk = ComplaintsDesk(api)
    installed = await desk.ask("GET", f"{URL}/example")
    assert installed["source"].startswith("Example data")
    early = await desk.file()
    for code, day, minutes in (("may", "2019-05-01", 30), ("june", "2019-06-01", 40)):
        key = {"Idempotency-Key": code}
        sent = targets(code, day, minutes)
        for _ in range(2):
            made = await desk.send("POST", URL, "targets:write", json=sent, headers=key)
            assert (made.status_code, made.headers["location"]) == (201, f"{URL}/{code}")
    sooner = targets("sooner", "2019-05-01", 50)  # of the same day: the later record holds
    await desk.ask("POST", URL, "targets:write", status=201, json=sooner)
    assert [t["code"] for t in (await desk.ask("GET", URL))["items"]] == [
        "june",
        "sooner",
        "may",
        "example",
    ]
    page = await desk.ask("GET", f"{URL}?limit=2")
    rest = await desk.ask("GET", f"{URL}?limit=2&cursor={page['next']}")
    assert [t["code"] for t in rest["items"]] == ["may", "example"]
    desk.at("2019-05-04 08:00")
    case = await desk.file()
    clock = await desk.clock(case, "first_response")
    assert ((await desk.clocks(case))["targets"], clock["target_minutes"]) == ("sooner", 50)
    assert (await desk.clocks(early))["targets"] == "example"
    desk.at("2019-06-10 08:00")
    assert (await desk.clocks(case))["targets"] == "sooner"
    assert (await desk.clocks(await desk.file()))["targets"] == "june"


async def test_withdrawn_before_they_begin_and_never_after(api: Api) -> None:
    desk = ComplaintsDesk(api)
    await desk.ask("POST", URL, "targets:write", status=201, json=targets("may", "2019-05-01", 30))
    path = f"{URL}/may/withdrawal"
    assert (await desk.send("POST", path)).status_code == 403
    withdrawn = await desk.ask("POST", path, "targets:write")
    assert withdrawn["withdrawn_at"] is not None
    again = await desk.ask("POST", path, "targets:write", status=409)
    assert again["code"] == "targets_withdrawn"
    begun = await desk.ask("POST", f"{URL}/example/withdrawal", "targets:write", status=409)
    assert begun["code"] == "targets_have_begun"
    unknown = await desk.ask("POST", f"{URL}/none/withdrawal", "targets:write", status=404)
    assert unknown["code"] == "targets_unknown"
    desk.at("2019-05-04 08:00")
    assert (await desk.clocks(await desk.file()))["targets"] == "example"
    events = await api.events("complaint_targets.published", "complaint_targets.withdrawn")
    assert [(e["type"].rpartition(".")[2], e["subject"]) for e in events] == [
        ("published", "may"),
        ("withdrawn", "may"),
    ]


async def test_what_is_refused(api: Api) -> None:
    desk = ComplaintsDesk(api)
    today = targets("today", "2019-03-21", 30)
    assert (await desk.ask("POST", URL, "targets:write", status=409, json=today))["code"] == (
        "targets_have_begun"
    )
    await desk.ask("POST", URL, *SETTER, status=201, json=today)
    assert (await desk.ask("POST", URL, *SETTER, status=409, json=today))["code"] == (
        "targets_code_in_use"
    )
    twice = targets("x", "2019-05-01", 30)
    twice["rules"].append(twice["rules"][0])
    partial = targets("x", "2019-05-01", 30)
    partial["rules"] = partial["rules"][1:]
    late = targets("x", "2019-05-01", 30)
    late["rules"][0]["first_response"] = [level(30, 30)]
    for bad in (
        twice,
        partial,
        late,
        targets("x", "2019-05-01", 0),
        targets("x", "2019-05-01", 60_001),
        targets("x", "1398-02-11", 30),
        targets("x", "2019-05-01", 30, pause_max_minutes="9"),
        targets("X y", "2019-05-01", 30),
    ):
        refused = await desk.send("POST", URL, "targets:write", json=bad)
        assert refused.status_code == 422, refused.text
    assert (await desk.send("POST", URL, json=targets("x", "2019-05-01", 9))).status_code == 403
    assert (await desk.send("GET", URL, "reports:read")).status_code == 403
    assert (await desk.send("GET", f"{URL}/nothing", *STAFF)).status_code == 404
    assert (await desk.send("GET", f"{URL}?cursor=WzFd", *STAFF)).status_code == 422
