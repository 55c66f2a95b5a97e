"""Lines between sorting centres, for tests."""

from typing import Any

EVERY_DAY = ["sat", "sun", "mon", "tue", "wed", "thu", "fri"]


def clock(text: str) -> dict[str, Any]:
    """20:00, or a day later +1 04:30."""
    day, _, time = text.rpartition(" ")
    return {"time": time, "day": int(day or 0)}


def call(office: str, arrives: str | None, departs: str | None) -> dict[str, Any]:
    return {
        "office": office,
        "arrives": None if arrives is None else clock(arrives),
        "departs": None if departs is None else clock(departs),
    }


def calls(*offices_and_times: str) -> list[dict[str, Any]]:
    """Offices, each with its times as `20:00` or `22:30/23:00`, in turn."""
    found = []
    pairs = list(zip(offices_and_times[::2], offices_and_times[1::2], strict=True))
    for n, (office, times) in enumerate(pairs):
        arrives, _, departs = times.partition("/")
        if n == 0:
            found.append(call(office, None, arrives))
        else:
            found.append(call(office, arrives, departs or None))
    return found


def line(code: str, *offices_and_times: str, **changes: Any) -> dict[str, Any]:
    """A line of every day, as a request makes it."""
    return {
        "code": code,
        "name": f"خط {code}",
        "mode": "road",
        "days": EVERY_DAY,
        "calls": calls(*offices_and_times),
        "capacity_items": 4_000,
        "capacity_kg": 10_000,
        "distance_km": 160,
        "valid_from": "2019-03-21",
    } | changes
