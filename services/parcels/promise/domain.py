"""Until when an item is promised: a pure function of its events, its terms and the calendar.

A promise is an amount of the office's opening time. Working days of 24 target hours end with the
office's day; hours run while it is open. A lawful pause is time that does not count: what an office
would have been open during it is added behind, again in opening time.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal

from services.parcels.tariff.domain import Distance, Place, distance_class
from services.parcels.vocabulary import TERMINAL, Event, Product, Status
from shared.calendar import TEHRAN, Hours, tehran_date
from shared.openings import DAY, HORIZON_DAYS, DayRule, Openings, Span
from shared.worktime import KEPT_MAX, WorkTime, merged

ClockName = Literal["office_hours", "working_days"]
PauseKind = Literal["customs", "recipient_request", "force_majeure"]

USUAL_WEEK: Final = Hours(
    sat=("08:00-16:00",),
    sun=("08:00-16:00",),
    mon=("08:00-16:00",),
    tue=("08:00-16:00",),
    wed=("08:00-16:00",),
    thu=("08:00-12:00",),
)
"""Of an office that told none: Saturday to Wednesday full, Thursday half, Friday closed."""

PAUSING: Final = frozenset({Event.HELD, Event.HELD_AT_COUNTER, Event.DELIVERY_FAILED})
"""Events that may say why the item waits."""
LAWFUL: Final[Mapping[str, PauseKind]] = {
    "customs": "customs",
    "recipient_request": "recipient_request",
    "delivery_later": "recipient_request",
    "own_pickup_requested": "recipient_request",
    "force_majeure": "force_majeure",
}
"""Reasons of an event that stop the clock until the next event; without one it runs on, as M40's
EME without a retention reason does."""


@dataclass(frozen=True, slots=True)
class Target:
    """`cutoff_minute` of the day in Tehran: what is accepted later is of the next working day."""

    hours: int
    clock: ClockName
    cutoff_minute: int | None

    @property
    def days(self) -> int:
        return self.hours // 24


@dataclass(frozen=True, slots=True)
class Pause:
    """[since, until); `until` None: not ended."""

    since: datetime
    until: datetime | None
    kind: PauseKind
    declared: bool = False


@dataclass(frozen=True, slots=True)
class Declared:
    """Force majeure in a province or a town of it, by its slug and its name."""

    pause: Pause
    province: str
    towns: frozenset[str] | None

    def hits(self, province: str | None, town: str | None) -> bool:
        return province == self.province and (self.towns is None or town in self.towns)


@dataclass(frozen=True, slots=True)
class Moment:
    """One of an item's events, in the order of the fold."""

    event: int
    at: datetime
    reason: str | None


class Business(WorkTime):
    """An office's openings, and its working days."""

    def __init__(self, *openings: tuple[date, Openings]) -> None:
        super().__init__(*openings)
        self._ends: dict[tuple[date, int], datetime | None] = {}

    def works(self, day: date) -> bool:
        return bool(self.spans(day))

    def working_days(self, first: date) -> Iterator[date]:
        """From a day on, itself included, as far as one looks ahead."""
        return (day for n in range(HORIZON_DAYS) if self.works(day := first + DAY * n))

    def posting_day(self, at: datetime, cutoff_minute: int | None) -> date | None:
        """The working day that an acceptance counts for; None: there is none in a year."""
        local = at.astimezone(TEHRAN)
        today = local.date()
        in_time = self.works(today) and at < self.spans(today)[-1][1]
        if cutoff_minute is not None:
            in_time = in_time and local.hour * 60 + local.minute < cutoff_minute
        return today if in_time else next(self.working_days(today + DAY), None)

    def end_of(self, posted: date, days: int) -> datetime | None:
        """When the office closes on the so manieth working day after the posting day."""
        key = (posted, days)
        if key not in self._ends:
            if len(self._ends) >= KEPT_MAX:
                self._ends.clear()
            self._ends[key] = self._end_of(posted, days)
        return self._ends[key]

    def _end_of(self, posted: date, days: int) -> datetime | None:
        for n, day in enumerate(self.working_days(posted + DAY), start=1):
            if n == days:
                return self.spans(day)[-1][1]
        return None


def away(pauses: Iterable[Pause]) -> list[Span]:
    """Those that ended, in order, overlapping ones as one."""
    return merged((p.since, p.until) for p in pauses if p.until is not None)


def promised_at(
    start: datetime, target: Target, business: Business, pauses: Sequence[Pause] = ()
) -> datetime | None:
    """Until when, in UTC; None where the office is not open so much in a year.

    `start` is the acceptance, or before it the booking, of which the minute counts; pauses that
    have not ended are left out.
    """
    start = start.replace(second=0, microsecond=0)
    if target.clock == "working_days":
        posted = business.posting_day(start, target.cutoff_minute)
        usual = None if posted is None else business.end_of(posted, target.days)
    else:
        usual = business.after(_starts(business, start, target), timedelta(hours=target.hours))
    gone = away(pauses)
    if usual is None or not any(since < usual and until > start for since, until in gone):
        return usual
    return business.after(start, business.elapsed(start, usual), gone)


def _starts(business: Business, start: datetime, target: Target) -> datetime:
    """When the hours begin to run: after the cut-off, with the next working day."""
    posted = business.posting_day(start, target.cutoff_minute)
    if posted is None or posted == tehran_date(start):
        return start
    return business.spans(posted)[0][0]


def pauses_of(moments: Sequence[Moment]) -> list[Pause]:
    """The lawful pauses that an item's events tell of: each until the next event."""
    found = []
    for n, moment in enumerate(moments):
        kind = LAWFUL.get(moment.reason or "") if moment.event in PAUSING else None
        if kind is not None:
            until = moments[n + 1].at if n + 1 < len(moments) else None
            found.append(Pause(moment.at, until, kind))
    return found


@dataclass(frozen=True, slots=True)
class Facts:
    """What an item's promise depends on; `moments` only where they may matter.

    `promised_at` as it is stored. `target` and `business` are of the terms it was booked under.
    """

    item_id: int
    status: Status
    booked_at: datetime
    accepted_at: datetime | None
    ended_at: datetime | None
    promised_at: datetime
    target: Target | None
    business: Business
    moments: Sequence[Moment] = ()
    declared: Sequence[Pause] = ()

    @property
    def end(self) -> datetime | None:
        """When it was known whether the promise was kept: delivery, or the turn to the sender."""
        if self.status in {Status.RETURNING, Status.RETURNED}:
            turned = (m.at for m in self.moments if m.event == Event.RETURN_STARTED)
            return next(turned, self.ended_at or self.accepted_at)
        return self.ended_at

    @property
    def start(self) -> datetime:
        return self.accepted_at or self.booked_at

    @property
    def pauses(self) -> list[Pause]:
        """Lawful ones, none beyond the end."""
        end = self.end
        found = [*pauses_of(self.moments), *self.declared]
        if end is None:
            return found
        return [
            replace(p, until=end if p.until is None else min(p.until, end))
            for p in found
            if p.since < end
        ]


@dataclass(frozen=True, slots=True)
class Verdict:
    """`live`: under way, so that it can still be late; `ends`: what came too late or never."""

    promised_at: datetime
    live: bool
    pausing: bool
    paused: bool
    late: bool
    pauses: Sequence[Pause] = field(default=())


def judge(facts: Facts) -> Verdict:
    """What holds of a promise by what is known; without a target, the stored promise stays.

    `late` is of items that ended: of one under way the clock decides.
    """
    pauses = facts.pauses
    due = facts.promised_at
    if facts.target is not None:
        due = promised_at(facts.start, facts.target, facts.business, pauses) or due
    under_way = facts.status not in TERMINAL and facts.status != Status.RETURNING
    live = under_way and facts.accepted_at is not None
    paused = live and any(pause.until is None and pause.since <= due for pause in pauses)
    end = facts.end
    if facts.status is Status.LOST:
        late = True
    else:
        late = facts.status is not Status.CANCELLED and end is not None and end > due
    pausing = any(not pause.declared for pause in pauses)
    return Verdict(due, live, pausing, paused, late, pauses)


Targets = Mapping[tuple[int, str], Target]


@dataclass(frozen=True, slots=True)
class TermsVersion:
    """In force from a day on, until the next."""

    code: str
    valid_from: date
    targets: Targets


def target_of(targets: Targets, product: int | Product, distance: str) -> Target | None:
    """Without an urban target, a town is a part of its province, as in the tariff."""
    found = targets.get((int(product), distance))
    if found is None and distance == "urban":
        return targets.get((int(product), "intra_province"))
    return found


def distance_of(row: Mapping[str, Any]) -> Distance:
    """The class of an item; its town may be written by its name or its slug, as in booking."""
    town = row["town"] if row["to_town"] == row["town_name"] else row["to_town"]
    return distance_class(Place(row["province"], row["town"]), Place(row["to_province"], town))


def days_between(business: Business, first: date, last: date) -> list[tuple[date, DayRule, bool]]:
    """The days from one to another, both included, why each is as it is, and whether it works."""
    days = (first + DAY * n for n in range(max(0, (last - first).days) + 1))
    return [(day, business.openings(day).rule(day), business.works(day)) for day in days]
