"""The lives that a booking's reference may script in the test world. Pure.

See docs/sandbox.md: what is written there is what is here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID, uuid5

from services.parcels.vocabulary import Event

Place = Literal["origin", "destination"]

SHORT_RIALS: Final = 10_000
"""How much less than expected is counted at the office of a `-COD-SHORT`."""
LATE_WITHOUT_PROMISE: Final = timedelta(days=10)
_NAMES: Final = UUID("6f1a2c7e-4b0d-5d0a-9a53-0c1f7e5b7e57")


@dataclass(frozen=True, slots=True)
class Step:
    """One scan, or the decision that a parcel is lost."""

    event: Event
    at: datetime
    place: Place
    reason: str | None = None
    action: str | None = None


@dataclass(frozen=True, slots=True)
class _Stage:
    event: Event
    hours: float
    place: Place = "destination"
    reason: str | None = None
    action: str | None = None


_SENT: Final = (
    _Stage(Event.ACCEPTANCE, 1, "origin"),
    _Stage(Event.DEPARTURE, 4, "origin"),
)
_CARRIED: Final = (*_SENT, _Stage(Event.ARRIVAL, 16))
_OUT: Final = (*_CARRIED, _Stage(Event.OUT_FOR_DELIVERY, 22))
_DELIVERED: Final = (*_OUT, _Stage(Event.DELIVERED, 26))
_LIVES: Final[dict[str, tuple[_Stage, ...]]] = {
    "DELIVERED": _DELIVERED,
    "COD-SHORT": (  # fetched at the counter: the cash is in the office's drawer
        *_CARRIED,
        _Stage(Event.HELD_AT_COUNTER, 22),
        _Stage(Event.DELIVERED, 26),
    ),
    "LOST": (*_SENT, _Stage(Event.LOST, 240, "origin", "sandbox: lost between two offices")),
    "RETURNED": (
        *_OUT,
        _Stage(Event.DELIVERY_FAILED, 24, "destination", "refused", "return_to_sender"),
        _Stage(Event.RETURN_STARTED, 30, "destination"),
        _Stage(Event.ARRIVAL, 50, "origin"),
        _Stage(Event.RETURNED, 54, "origin"),
    ),
    "DAMAGED": (
        *_OUT,
        _Stage(Event.DELIVERY_FAILED, 24, "destination", "damaged", "hold_at_office"),
        _Stage(Event.HELD, 26, "destination", "damaged"),
    ),
}
_LATE_AFTER_H: Final = {Event.OUT_FOR_DELIVERY: 20, Event.DELIVERED: 24}
"""Hours after the promise."""
SUFFIXES: Final = (*_LIVES, "LATE")


def life_of(reference: str) -> str | None:
    """Which life a reference asks for: what it ends in, in either case."""
    found = reference.upper()
    return next((name for name in SUFFIXES if found.endswith(f"-{name}")), None)


def script(life: str, booked_at: datetime, promised_at: datetime | None) -> Sequence[Step]:
    """A life's steps in their order."""
    if life == "LATE":
        due = promised_at or booked_at + LATE_WITHOUT_PROMISE
        late = [
            Step(event, max(due, booked_at) + timedelta(hours=hours), "destination")
            for event, hours in _LATE_AFTER_H.items()
        ]
        return [*(_step(stage, booked_at) for stage in _CARRIED), *late]
    return [_step(stage, booked_at) for stage in _LIVES[life]]


def _step(stage: _Stage, booked_at: datetime) -> Step:
    at = booked_at + timedelta(hours=stage.hours)
    return Step(stage.event, at, stage.place, stage.reason, stage.action)


def event_id(item_id: int, nth: int) -> UUID:
    """The same for the same step, so that it is lived once."""
    return uuid5(_NAMES, f"{item_id} {nth}")
