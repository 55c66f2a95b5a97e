"""The lives that a reference scripts, as they are shown. Pure.

Our own copy of docs/sandbox.md; `tests/contracts` holds it to what parcels does.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from shared.errors import Invalid
from shared.text import fold_digits

LIVES: Final[Mapping[str, Sequence[tuple[str, float]]]] = {
    "DELIVERED": (
        ("acceptance", 1),
        ("departure", 4),
        ("arrival", 16),
        ("out_for_delivery", 22),
        ("delivered", 26),
    ),
    "LATE": (("acceptance", 1), ("departure", 4), ("arrival", 16)),
    "LOST": (("acceptance", 1), ("departure", 4), ("lost", 240)),
    "RETURNED": (
        ("acceptance", 1),
        ("departure", 4),
        ("arrival", 16),
        ("out_for_delivery", 22),
        ("delivery_failed", 24),
        ("return_started", 30),
        ("arrival", 50),
        ("returned", 54),
    ),
    "DAMAGED": (
        ("acceptance", 1),
        ("departure", 4),
        ("arrival", 16),
        ("out_for_delivery", 22),
        ("delivery_failed", 24),
        ("held", 26),
    ),
    "COD-SHORT": (  # fetched at the counter
        ("acceptance", 1),
        ("departure", 4),
        ("arrival", 16),
        ("held_at_counter", 22),
        ("delivered", 26),
    ),
}
"""By what the reference ends in: events and hours after the booking."""
LATE_AFTER_H: Final = (("out_for_delivery", 20), ("delivered", 24))
"""Of LATE, hours after the promise."""
LATE_WITHOUT_PROMISE: Final = timedelta(days=10)
STEPS_H: Final = (6, 24, 168)
"""How far the sandbox's clock may be moved at once."""
PARTIES: Final[Mapping[str, Mapping[str, str]]] = {
    "sender": {
        "name": "فروشگاه آزمایشی",
        "phone": "06133334444",
        "address": "اهواز، خیابان نادری",
        "postal_code": "6135743337",
    },
    "recipient": {
        "name": "گیرندهٔ آزمایشی",
        "phone": "09123456789",
        "address": "دزفول، خیابان شریعتی",
        "postal_code": "6461843337",
        "province": "khuzestan",
        "town": "dezful",
    },
}
"""Example data; the phone gets no message: the sandbox sends none."""


def life_of(reference: str | None) -> str | None:
    found = (reference or "").upper()
    return next((life for life in LIVES if found.endswith(f"-{life}")), None)


def step(typed: str) -> int | None:
    """Of the hours by which the clock may be moved the one that a form says."""
    hours = fold_digits(typed)
    return next((n for n in STEPS_H if hours == str(n)), None)


def instant(typed: str) -> datetime | None:
    """From where a form moves the clock; None where it does not say."""
    if not typed:
        return None
    try:
        return datetime.fromisoformat(typed)
    except ValueError:
        raise Invalid.field("body.from", "write an instant, as RFC 3339 does") from None


def ahead_of(at: datetime, hours: int) -> datetime:
    try:
        return at + timedelta(hours=hours)
    except OverflowError:
        raise Invalid.field("body.from", "that is the end of all calendars") from None


def plan(life: str, booked_at: datetime, promised_at: datetime | None) -> list[dict[str, Any]]:
    """When each event is to come."""
    begun = [
        {"event": event, "at": booked_at + timedelta(hours=hours)} for event, hours in LIVES[life]
    ]
    if life != "LATE":
        return begun
    due = max(promised_at or booked_at + LATE_WITHOUT_PROMISE, booked_at)
    late = [{"event": event, "at": due + timedelta(hours=hours)} for event, hours in LATE_AFTER_H]
    return begun + late


def ahead(
    planned: Sequence[Mapping[str, Any]], happened: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """What of a plan has not happened: behind the last event that did, in the plan's order."""
    done = 0
    for event in (one["event"] for one in happened):
        if done < len(planned) and planned[done]["event"] == event:
            done += 1
    return list(planned[done:])


def booking(life: str, key: str, office: str) -> dict[str, Any]:
    """An order whose reference scripts this life; its number tells it from others."""
    cash = {"cod_rials": 900_000} if life == "COD-SHORT" else {}
    return {
        "product": "pishtaz",
        "channel": "ecommerce",
        "weight_g": 450,
        "origin_office": office,
        "reference": f"TRY-{key[:8]}-{life}",
        **PARTIES,
        **cash,
    }
