"""A run of a line: its state by what was recorded of it, and what is expected next. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, Protocol

from services.parcels.transport.domain import Stop

Status = Literal["planned", "departed", "arrived", "cancelled"]
Kind = Literal["arrival", "departure"]

LATE_AFTER: Final = timedelta(minutes=15)
"""What is expected and not recorded by then is late."""


class Called(Protocol):
    """A call as planned and as it was."""

    arrives_at: datetime | None
    departs_at: datetime | None
    arrived_at: datetime | None
    departed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Moment:
    """Planned and recorded time of an arrival or a departure; `n` is its call's place."""

    n: int
    kind: Kind
    planned: datetime
    recorded: datetime | None


def moments(calls: Sequence[Called]) -> list[Moment]:
    """In the order of the run."""
    found = []
    for n, call in enumerate(calls):
        if call.arrives_at is not None:
            found.append(Moment(n, "arrival", call.arrives_at, call.arrived_at))
        if call.departs_at is not None:
            found.append(Moment(n, "departure", call.departs_at, call.departed_at))
    return found


def status(calls: Sequence[Called], *, cancelled: bool) -> Status:
    """A run that was seen to move was not cancelled."""
    recorded = [moment.recorded is not None for moment in moments(calls)]
    if recorded[-1]:
        return "arrived"
    if any(recorded):
        return "departed"
    return "cancelled" if cancelled else "planned"


def expected(calls: Sequence[Called], now: datetime | None = None) -> list[datetime]:
    """When each moment was or will be: a ride takes as long as planned, none leaves too early.

    With `now`, what nobody has seen yet is still to come.
    """
    found: list[datetime] = []
    known = moments(calls)
    last = _last_recorded(known)
    for n, moment in enumerate(known):
        at = moment.planned
        if n and moment.kind == "arrival":
            at = found[-1] + (moment.planned - known[n - 1].planned)
        elif n:
            at = max(at, found[-1])
        if now is not None and n > last:
            at = max(at, now)
        found.append(moment.recorded or at)
    return found


def stops(
    calls: Sequence[Called], offices: Sequence[str], now: datetime | None = None
) -> list[Stop]:
    """The run as it is expected (see `expected`)."""
    at = {(m.n, m.kind): t for m, t in zip(moments(calls), expected(calls, now), strict=True)}
    return [
        Stop(office, at.get((n, "arrival")), at.get((n, "departure")))
        for n, office in enumerate(offices)
    ]


def _last_recorded(known: Sequence[Moment]) -> int:
    return max((n for n, moment in enumerate(known) if moment.recorded is not None), default=-1)


def due_at(calls: Sequence[Called]) -> datetime | None:
    """When the next moment is expected; None after the last."""
    next_one = _last_recorded(moments(calls)) + 1
    times = expected(calls)
    return times[next_one] if next_one < len(times) else None


def delay_min(calls: Sequence[Called]) -> int:
    """Minutes behind the plan at what was recorded last; never below zero."""
    known = moments(calls)
    last = _last_recorded(known)
    recorded = known[last].recorded if last >= 0 else None
    if recorded is None:
        return 0
    return max(0, (recorded - known[last].planned) // timedelta(minutes=1))


def time_fault(calls: Sequence[Called], n: int, kind: Kind, at: datetime) -> str | None:
    """Why a moment cannot have been then: what was recorded before and after it."""
    known = moments(calls)
    place = next(i for i, moment in enumerate(known) if (moment.n, moment.kind) == (n, kind))
    for moment in known[:place]:
        if moment.recorded is not None and moment.recorded > at:
            return f"before the {moment.kind} at call {moment.n + 1}: {moment.recorded.isoformat()}"
    for moment in known[place + 1 :]:
        if moment.recorded is not None and moment.recorded < at:
            return f"after the {moment.kind} at call {moment.n + 1}: {moment.recorded.isoformat()}"
    return None
