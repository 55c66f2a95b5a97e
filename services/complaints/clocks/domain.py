"""The SLA of a case as a pure function of targets, calendar, times and pauses.

A clock measures working time of the complaints desk. A breach is a fact of due time against event
time: whoever looks, and however late, finds the same, and dates it by the due time. Time passes in
`passed`: from a state and an instant to the next state and what happened until then, so that it
makes no difference in how many steps time passes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

from services.complaints.vocabulary import Category, Channel, Severity
from shared.openings import DAY, HORIZON_DAYS, Span
from shared.worktime import WorkTime, merged

Measure = Literal["first_response", "update", "resolution"]
"""`update`: the reply to what a complainant writes after the first response; it has a clock of its
own, so that it never overrules the first."""
Kind = Literal[
    "started",
    "retargeted",
    "reminded",
    "breached",
    "escalated",
    "stopped",
    "continued",
]
EndedBy = Literal["complainant", "staff", "cap", "system"]
ClockState = Literal["running", "paused", "breached", "met", "late"]
"""`breached`: overdue and running; `late`: stopped after the due time."""

QueueState = Literal["in_time", "overdue"]

MEASURES: Final[tuple[Measure, ...]] = ("first_response", "update", "resolution")
MINUTE: Final = timedelta(minutes=1)
LEAP: Final = timedelta(hours=1)
"""How far the clock may go forward between two looks at it and be believed at once."""


class Level(NamedTuple):
    """The target at one escalation level, and how long before it one is reminded; in minutes."""

    minutes: int
    remind: tuple[int, ...]


Targets = Mapping[Measure, Sequence[Level]]
"""The levels of a measure, the lowest first; a measure may have none."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Targets by measure, a level after the other; of what fits, None fits all."""

    category: Category | None
    severity: Severity | None
    channel: Channel | None
    targets: Targets

    def fits(self, category: str, severity: str, channel: str) -> bool:
        wanted = ((self.category, category), (self.severity, severity), (self.channel, channel))
        return all(mine is None or mine == theirs for mine, theirs in wanted)

    @property
    def closeness(self) -> tuple[bool, bool, bool]:
        """The closest rule holds: severity counts most, then category, then channel."""
        return (self.severity is not None, self.category is not None, self.channel is not None)


@dataclass(frozen=True, slots=True)
class Caps:
    """How much working time a pause may take from the clock, and all of a case's together."""

    pause: timedelta
    total: timedelta


@dataclass(frozen=True, slots=True)
class Terms:
    caps: Caps
    rules: Sequence[Rule]

    def targets(self, category: str, severity: str, channel: str) -> Targets:
        fitting = [rule for rule in self.rules if rule.fits(category, severity, channel)]
        return max(fitting, key=lambda rule: rule.closeness).targets if fitting else {}


@dataclass(frozen=True, slots=True)
class Pause:
    """[since, until); `until` None: it goes on. Of a `capped` one only so much counts."""

    since: datetime
    until: datetime | None
    capped: bool = True


class Key(NamedTuple):
    """The `nth` clock of a measure, at an escalation level."""

    measure: Measure
    nth: int
    level: int


@dataclass(frozen=True, slots=True)
class Clock:
    """`due_at` is reckoned anew while it runs, and stays once it was breached."""

    key: Key
    started_at: datetime
    level: Level
    due_at: datetime | None = None
    breached_at: datetime | None = None
    stopped_at: datetime | None = None
    reminded: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class State:
    """All clocks of a case and its pauses, in the order in which they began."""

    clocks: Mapping[Key, Clock] = field(default_factory=dict)
    pauses: Sequence[Pause] = ()


@dataclass(frozen=True, slots=True)
class Happening:
    """What time brought about. `clock` as it is then; None where a pause came to its cap."""

    at: datetime
    kind: Literal["reminded", "breached", "escalated", "cap"]
    clock: Clock | None
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class Desk:
    """What a case's clocks are reckoned by."""

    work: WorkTime
    terms: Terms
    targets: Targets


@dataclass(frozen=True, slots=True)
class Times:
    due_at: datetime | None
    elapsed: timedelta
    remaining: timedelta
    """Below zero: over the target."""


def away(pauses: Iterable[Pause], caps: Caps, work: WorkTime) -> list[Span]:
    """What of the pauses is taken from the clocks; one that goes on is taken up to its cap."""
    left, found = caps.total, []
    for pause in pauses:
        if not pause.capped:
            found += [] if pause.until is None else [(pause.since, pause.until)]
            continue
        until = ends_at_most(pause.since, min(caps.pause, left), work)
        if pause.until is not None and (until is None or pause.until < until):
            until = pause.until
        if until is None:  # too little working time in a year for it to be used up
            until = pause.since + DAY * HORIZON_DAYS
        found.append((pause.since, until))
        left -= work.elapsed(pause.since, until)
    return merged(found)


def ends_at_most(since: datetime, allowed: timedelta, work: WorkTime) -> datetime | None:
    """When a pause has taken all that it may."""
    return work.after(since, allowed) if allowed > timedelta() else since


def allowance(state: State, caps: Caps, work: WorkTime) -> timedelta:
    """The working time that a case may still be paused."""
    capped = [pause for pause in state.pauses if pause.capped]
    taken = (work.elapsed(*span) for span in away(capped, caps, work))
    return max(timedelta(), caps.total - sum(taken, timedelta()))


def cap_at(state: State, caps: Caps, work: WorkTime) -> datetime | None:
    """When the pause that goes on will have taken all that it may; None: none, or not in a year."""
    if not is_paused(state):
        return None
    before = State(pauses=state.pauses[:-1])
    allowed = min(caps.pause, allowance(before, caps, work))
    return ends_at_most(state.pauses[-1].since, allowed, work)


def is_paused(state: State) -> bool:
    return bool(state.pauses) and state.pauses[-1].until is None


def due_of(clock: Clock, work: WorkTime, gone: Sequence[Span]) -> datetime | None:
    return work.after(clock.started_at, clock.level.minutes * MINUTE, gone)


def times(clock: Clock, desk: Desk, pauses: Sequence[Pause], now: datetime) -> Times:
    """Of a clock, at an instant or when it stopped."""
    gone = away(pauses, desk.terms.caps, desk.work)
    fixed = clock.breached_at is not None or clock.stopped_at is not None
    due = clock.due_at if fixed else due_of(clock, desk.work, gone)
    elapsed = desk.work.elapsed(clock.started_at, clock.stopped_at or now, gone)
    return Times(due, elapsed, clock.level.minutes * MINUTE - elapsed)


def reckoned(state: State, desk: Desk) -> State:
    """With the due times of what runs and was not breached, under the desk's calendar."""
    gone = away(state.pauses, desk.terms.caps, desk.work)
    clocks = dict(state.clocks)
    for key, clock in clocks.items():
        if clock.stopped_at is None and clock.breached_at is None:
            clocks[key] = replace(clock, due_at=due_of(clock, desk.work, gone))
    return replace(state, clocks=clocks)


def coming(state: State, desk: Desk) -> list[Happening]:
    """The next that time will bring about of each kind, in order."""
    gone = away(state.pauses, desk.terms.caps, desk.work)
    found: list[Happening] = []
    capped = cap_at(state, desk.terms.caps, desk.work)
    if capped is not None:
        found.append(Happening(capped, "cap", None))
    for clock in state.clocks.values():
        if clock.stopped_at is None and clock.breached_at is None and clock.due_at is not None:
            found.append(Happening(clock.due_at, "breached", clock))
            found += _reminders(clock, desk.work, gone)
    return sorted(found, key=_order)


def _order(happening: Happening) -> tuple[datetime, bool, Key | None]:
    clock = happening.clock
    return happening.at, clock is not None, None if clock is None else clock.key


def _reminders(clock: Clock, work: WorkTime, gone: Sequence[Span]) -> Iterator[Happening]:
    for minutes in sorted(set(clock.level.remind) - clock.reminded, reverse=True):
        need = (clock.level.minutes - minutes) * MINUTE
        at = work.after(clock.started_at, need, gone) if need > timedelta() else None
        if at is not None:
            yield Happening(at, "reminded", clock, minutes)


def passed(state: State, desk: Desk, until: datetime) -> tuple[State, list[Happening]]:
    """The state once time has come to `until`, and what happened before that, in order.

    What is due at `until` itself has not happened: who answers at the due time is in time.
    """
    state = reckoned(state, desk)
    found: list[Happening] = []
    while (ahead := coming(state, desk)) and ahead[0].at < until:
        state, happened = _happen(state, ahead[0], desk)
        found += happened
    return state, found


def _happen(state: State, what: Happening, desk: Desk) -> tuple[State, list[Happening]]:
    clock = what.clock
    if clock is None:
        ended = replace(state.pauses[-1], until=what.at)
        return replace(state, pauses=[*state.pauses[:-1], ended]), [what]
    if what.kind == "reminded":
        clock = replace(clock, reminded=clock.reminded | {what.minutes})
        return _with(state, clock), [replace(what, clock=clock)]
    clock = replace(clock, breached_at=what.at)
    state, escalated = escalate(_with(state, clock), clock.key, what.at, desk)
    return state, [replace(what, clock=clock), *escalated]


def escalate(state: State, key: Key, at: datetime, desk: Desk) -> tuple[State, list[Happening]]:
    """Start the clock of the level above, from an instant on; nothing where there is none."""
    above = key._replace(level=key.level + 1)
    levels = desk.targets.get(key.measure, ())
    if above in state.clocks or above.level >= len(levels):
        return state, []
    state = reckoned(_with(state, Clock(above, at, levels[above.level])), desk)
    clock = state.clocks[above]
    return state, [Happening(at, "escalated", clock, clock.level.minutes)]


def _with(state: State, clock: Clock) -> State:
    return replace(state, clocks={**state.clocks, clock.key: clock})


def started(state: State, measure: Measure, at: datetime, desk: Desk) -> State:
    """With the next clock of a measure, unless one runs or the targets have none."""
    mine = [clock for clock in state.clocks.values() if clock.key.measure == measure]
    levels = desk.targets.get(measure, ())
    if not levels or any(clock.stopped_at is None for clock in mine):
        return state
    nth = 1 + max((clock.key.nth for clock in mine), default=0)
    return reckoned(_with(state, Clock(Key(measure, nth, 0), at, levels[0])), desk)


def stopped(state: State, measures: Iterable[Measure], at: datetime) -> State:
    wanted = set(measures)
    clocks = {
        key: replace(clock, stopped_at=max(at, clock.started_at))
        if clock.stopped_at is None and key.measure in wanted
        else clock
        for key, clock in state.clocks.items()
    }
    return replace(state, clocks=clocks)


def continued(state: State, at: datetime, desk: Desk) -> State:
    """The last resolution goes on, as if it had not stopped: what passed meanwhile is a pause."""
    mine = [clock for clock in state.clocks.values() if clock.key.measure == "resolution"]
    nth = max((clock.key.nth for clock in mine), default=0)
    again = [clock for clock in mine if clock.key.nth == nth and clock.stopped_at is not None]
    if not again or is_paused(state):
        return state
    since = max(clock.stopped_at for clock in again if clock.stopped_at is not None)
    clocks = {**state.clocks, **{c.key: replace(c, stopped_at=None) for c in again}}
    meanwhile = Pause(since, max(at, since), capped=False)
    return reckoned(State(clocks, [*state.pauses, meanwhile]), desk)


def retargeted(state: State, desk: Desk) -> State:
    """Under other targets, from the same beginning; what stopped or was breached stays so."""
    clocks = dict(state.clocks)
    for key, clock in clocks.items():
        levels = desk.targets.get(key.measure, ())
        if clock.stopped_at is None and clock.breached_at is None and key.level < len(levels):
            clocks[key] = replace(clock, level=levels[key.level])
    return reckoned(replace(state, clocks=clocks), desk)


def state_of(clock: Clock, *, paused: bool, now: datetime) -> ClockState:
    if clock.stopped_at is not None:
        late = clock.due_at is not None and clock.stopped_at > clock.due_at
        return "late" if late or clock.breached_at is not None else "met"
    if clock.breached_at is not None or (clock.due_at is not None and clock.due_at < now):
        return "breached"
    return "paused" if paused else "running"


def believed(seen: datetime | None, now: datetime) -> datetime | None:
    """The instant up to which timers may fire, by two looks at the clock; None: none yet.

    A leap forward is believed when it is seen twice: a clock that is set wrong and put right again
    between two looks breaches nothing. Backwards it does no harm: what was fired stays fired.
    """
    if seen is None:
        return None
    return now if now - seen <= LEAP else seen
