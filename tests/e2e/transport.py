"""A line, a vehicle, trips and a counted month, for requests that are to come through."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx

from tests.e2e.people import Make
from tests.factories.transport import clock, line

MONTH: Final = "1397-01"
PATIENCE_S: Final = 180
VEHICLE: Final = {
    "plate": "۲۴ ایران ۳۴۵ ب ۱۴",
    "mode": "road",
    "capacity_items": 1_000,
    "capacity_kg": 5_000,
}


@dataclass(frozen=True)
class Transport:
    paths: dict[str, str]
    special: dict[str, dict[str, str]]
    fields: dict[str, Any]
    bodies: dict[str, Any]


def make_transport(client: httpx.Client, make: Make, office: str) -> Transport:
    """`office`: one that parcels knows; another of its town is asked for."""
    known = client.get("/v1/offices", params={"town": "dezful"}).json()["items"]
    other = next(item["code"] for item in known if item["code"] != office)
    today = datetime.now(UTC).date() + timedelta(days=1)

    def planned(code: str, **changes: Any) -> dict[str, Any]:
        times = (office, "08:00", other, "09:30")
        return line(code, *times, valid_from=today.isoformat()) | changes

    for code in ("FUZZ-1", "FUZZ-2"):
        make("/v1/lines", planned(code))
    make("/v1/vehicles", VEHICLE | {"code": "FUZZ-1"})
    days = [(today + timedelta(days=10 + n)).isoformat() for n in range(5)]
    trips = [make("/v1/trips", {"line": "FUZZ-1", "day": day})["trip"] for day in days[:4]]
    make("/v1/routes/flows", {"month": MONTH})
    _until_counted(client)
    timetabled = {k: v for k, v in planned("x").items() if k not in {"code", "valid_from"}}
    later = timetabled | {"valid_from": days[2]}
    rule = {
        "office": office,
        "valid_from": days[2],
        "days": ["sat"],
        **{
            name: clock(at)
            for name, at in (
                ("collected", "15:00"),
                ("at_centre", "19:00"),
                ("sent_out", "06:00"),
                ("at_office", "07:30"),
                ("round_leaves", "08:30"),
                ("round_back", "14:00"),
            )
        },
        "sorting_minutes": 60,
        "source": "آزمون",
    }
    return Transport(
        {"line": "FUZZ-2", "vehicle": "FUZZ-1", "trip": trips[0], "call": "1"},
        {
            "/trips/{trip}/cancel": {"trip": trips[1]},
            "/trips/{trip}/vehicle": {"trip": trips[2]},
            "/calls/{call}/arrival": {"call": "2"},
            # not of a trip whose arrival was recorded before
            "/calls/{call}/departure": {"trip": trips[3]},
        },
        {
            "from": office,
            "to": other,
            "from_day": days[0],
            "until_day": days[0],
            "month": MONTH,
        },
        {
            "POST /v1/lines": planned("FUZZ-3"),
            "PUT /v1/lines/{line}": later,
            "POST /v1/lines/{line}/end": {"on": (today + timedelta(days=400)).isoformat()},
            "POST /v1/vehicles": VEHICLE | {"code": "FUZZ-2"},
            "PUT /v1/vehicles/{vehicle}": VEHICLE,
            "POST /v1/trips": {"line": "FUZZ-1", "day": days[4]},
            "PUT /v1/trips/{trip}/vehicle": {"vehicle": "FUZZ-1"},
            "PUT /v1/trips/{trip}/calls/{call}/departure": {"items": 1},
            "PUT /v1/trips/{trip}/calls/{call}/arrival": {"driven_km": 7},
            "POST /v1/trips/{trip}/cancel": {"reason": "آزمون"},
            "POST /v1/feeder-rules": rule,
            "POST /v1/routes/what-if": {
                "month": MONTH,
                "changes": [{"code": "FUZZ-1", "line": timetabled}],
            },
            "POST /v1/routes/flows": {"month": MONTH},
        },
    )


def _until_counted(client: httpx.Client) -> None:
    """The worker counts a month that was asked for."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        months = client.get("/v1/routes/flows").json()["items"]
        if any(m["month"] == MONTH and m["counted_at"] for m in months):
            return
        time.sleep(0.2)
    raise AssertionError(f"{MONTH} was not counted within {PATIENCE_S} s")
