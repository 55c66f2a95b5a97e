"""Cases whose clocks run, targets to come and a day of the desk, for requests that come through."""

from typing import Any, Final

import httpx

from tests.e2e.people import Make

LEVELS: Final = [{"minutes": 60, "remind_before_minutes": [15]}]
RULE: Final = {"first_response": LEVELS, "resolution": LEVELS}
TARGETS: Final = {
    "code": "to-come",
    "valid_from": "2150-03-21",
    "source": "آزمون",
    "pause_max_minutes": 480,
    "pauses_total_max_minutes": 960,
    "rules": [RULE],
}
HOURS: Final = {
    "valid_from": "2150-03-21",
    "hours": {"sat": ["08:00-12:00", "13:00-16:00"]},
    "reason": "آزمون",
}
DAY: Final = {"intervals": ["08:00-10:00"], "reason": "آزمون"}
PAUSE: Final = {"reason": "information_requested", "question": "نشانی درست چیست؟"}
COMPLAINANT: Final = {"name": "مریم", "phone": "09123456789"}


def make_clocks(
    client: httpx.Client, make: Make, office: str
) -> tuple[dict[str, str], dict[str, dict[str, str]], dict[str, Any]]:
    """Path parameters by name, others for paths that end so, and bodies by whole operations."""
    about = {"kind": "office", "office": office}
    case = {"about": about, "category": "conduct", "text": "؟", "complainant": COMPLAINANT}
    waiting, paused, escalated = (make("/v1/complaints", case)["number"] for _ in range(3))
    make(f"/v1/complaints/{paused}/pauses", PAUSE)
    make("/v1/complaint-targets", TARGETS)
    day = "2150-03-22"
    client.put(f"/v1/complaint-days/{day}", json=DAY).raise_for_status()
    special = {
        "/complaints/{number}/clocks": {"number": waiting},
        "/complaints/{number}/pauses": {"number": waiting},
        "/complaints/{number}/pauses/end": {"number": paused},
        "/complaints/{number}/escalations": {"number": escalated},
        "/complaint-days/{day}": {"day": day},
        "/complaint-targets/{code}": {"code": "example"},
        "/complaint-targets/{code}/withdrawal": {"code": TARGETS["code"]},
    }
    bodies = {
        "POST /v1/complaint-targets": {**TARGETS, "code": "later", "valid_from": "2151-03-21"},
        "POST /v1/complaint-hours": HOURS,
        "PUT /v1/complaint-days/{day}": DAY,
        "POST /v1/complaints/{number}/pauses": PAUSE,
        "POST /v1/complaints/{number}/escalations": {"reason": "آزمون"},
        "GET /v1/complaint-calendar": {"since": "2150-03-21", "until": "2150-03-31"},
    }
    return {}, special, bodies
