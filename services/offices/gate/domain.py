"""The gate: whether an office may book, by its kind, its papers and the days of grace. Pure.

Post offices and sorting centres need nothing, agencies a contract, rural ICT offices and public
counters the regulator's licence and a contract. A paper that has run out holds for the days of
grace; one that a decision ended (suspended, revoked, terminated) ends with that day.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal

from shared.calendar import day_start

What = Literal["licence", "contract"]

NEEDS: Final[Mapping[str, tuple[What, ...]]] = {
    "post_office": (),
    "sorting_centre": (),
    "agency": ("contract",),
    "rural_ict": ("licence", "contract"),
    "pishkhan": ("licence", "contract"),
}
FOREVER: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Paper:
    """A licence or a contract: valid from its first to its last day, both included.

    `ended_on`: the first day on which a decision has it no longer hold, `ended_by` what it did.
    """

    what: What
    number: str
    valid_from: date
    valid_until: date | None
    ended_on: date | None = None
    ended_by: str | None = None
    products: tuple[str, ...] | None = None
    weight_max_g: int | None = None


@dataclass(frozen=True, slots=True)
class Gate:
    """May it book at an instant `t`: `t < until`; with no `until`, if `open`.

    `until` of an open gate is when it will close as things stand, of a closed one when it did.
    `reason` says why it does or did. `products` and `weight_max_g` limit what it may book.
    """

    open: bool
    until: datetime | None = None
    reason: str | None = None
    products: tuple[str, ...] | None = None
    weight_max_g: int | None = None


@dataclass(frozen=True, slots=True)
class _Held:
    """A paper and when it counts, [start, end): never, where a decision ended it before."""

    paper: Paper
    start: datetime
    end: datetime
    last_of_grace: date | None

    def why(self, now: datetime) -> str:
        """Why it counts no longer from `end` on, or has not yet begun."""
        named = f"its {self.paper.what} {self.paper.number}"
        if now < self.start < self.end:
            return f"{named} begins on {self.paper.valid_from}"
        past = self.end <= now
        if self.last_of_grace is None:
            tense = "was" if past else "is to be"
            return f"{named} {tense} {self.paper.ended_by} on {self.paper.ended_on}"
        verb = "ended" if past else "ends"
        return f"{named} {verb} on {self.paper.valid_until}; grace {verb} on {self.last_of_grace}"


def gate(kind: str, papers: Sequence[Paper], grace_days: int, now: datetime) -> Gate:
    """The gate of an office of a kind with these papers at an instant."""
    if kind not in NEEDS:
        return Gate(open=False, reason=f"a {kind} may not book: convert it to a pishkhan")
    if not NEEDS[kind]:
        return Gate(open=True)
    held = {what: _held(papers, what, grace_days) for what in NEEDS[kind]}
    until = {what: _held_until(held[what], now) for what in held}
    first = min(until, key=lambda what: until[what])  # of equals, the licence
    if until[first] <= now:
        return Gate(
            open=False, until=_closed_at(held.values(), now), reason=_lack(first, held[first], now)
        )
    limits = max(
        (h for h in held["contract"] if h.start <= now < h.end), key=lambda h: h.start
    ).paper
    return Gate(
        open=True,
        until=None if until[first] == FOREVER else until[first],
        reason=next((h.why(now) for h in held[first] if h.end == until[first] < FOREVER), None),
        products=limits.products,
        weight_max_g=limits.weight_max_g,
    )


def changes_next(
    kind: str, papers: Sequence[Paper], grace_days: int, now: datetime
) -> datetime | None:
    """The next instant at which the gate may differ though no paper does."""
    edges = {
        edge
        for what in NEEDS.get(kind, ())
        for h in _held(papers, what, grace_days)
        for edge in (h.start, h.end)
    }
    return min((edge for edge in edges if now < edge < FOREVER), default=None)


def _held(papers: Iterable[Paper], what: What, grace_days: int) -> list[_Held]:
    """The papers of this sort, the first to begin first."""
    found = (_span(paper, grace_days) for paper in papers if paper.what == what)
    return sorted(found, key=lambda h: (h.start, h.end))


def _span(paper: Paper, grace_days: int) -> _Held:
    last = paper.valid_until and paper.valid_until + timedelta(days=grace_days)
    ended = paper.ended_on
    start = day_start(paper.valid_from)
    if ended is not None and (last is None or ended <= last):
        return _Held(paper, start, day_start(ended), None)
    if last is None:
        return _Held(paper, start, FOREVER, None)
    return _Held(paper, start, day_start(last + timedelta(days=1)), last)


def _held_until(held: Iterable[_Held], now: datetime) -> datetime:
    """To when one paper follows on another without a gap; `now` if none counts at present."""
    until = now
    for h in held:
        if h.start <= until:
            until = max(until, h.end)
    return until


def _closed_at(held: Iterable[Sequence[_Held]], now: datetime) -> datetime | None:
    """When a gate that is closed was last open, None if it never was."""
    every = list(held)
    ends = sorted({h.end for papers in every for h in papers if h.end <= now}, reverse=True)
    return next(
        (end for end in ends if all(any(h.start < end <= h.end for h in p) for p in every)), None
    )


def _lack(what: What, held: Sequence[_Held], now: datetime) -> str:
    """Why no paper of this sort counts: the last that did, else the first that will."""
    past = [h for h in held if h.end <= now]
    if past:
        return max(past, key=lambda h: (h.end, h.start)).why(now)
    return held[0].why(now) if held else f"it has no {what}"
