"""What an item has in the statistics, the cells it counts in, and percentiles. Pure."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import IntEnum
from typing import Any, Final, NamedTuple

from services.parcels.vocabulary import TERMINAL, Status
from shared.calendar import month_start, tehran_date
from shared.pagination import not_a_cursor

BOUNDS_H: Final = (
    *(1, 2, 3, 4, 6, 9, 12, 18, 24, 30, 36, 42, 48, 60, 72, 84, 96),
    *(120, 144, 168, 240, 336, 504, 720),
)
"""Hours at which a bucket of transit times ends and the next begins; past the last is one more."""
_BOUNDS_MIN: Final = tuple(bound * 60 for bound in BOUNDS_H)
BUCKETS: Final = len(BOUNDS_H) + 1
ENDED: Final = TERMINAL - {Status.CANCELLED}
"""Each is a figure of its name; what was cancelled was never accepted."""
_HANDED_BACK: Final = frozenset({Status.DELIVERED, Status.RETURNED})
ABROAD: Final = "abroad"
"""Where an item comes from that was not booked with us."""
UNKNOWN: Final = "unknown"
"""Where an item goes to of which nobody told."""


class Dimension(IntEnum):
    """What a roll-up tells apart, besides the product."""

    CHANNEL = 1
    DIRECTION = 2
    OFFICE = 3
    """Of acceptance."""
    COUNTY = 4
    """Of acceptance."""
    DESTINATION = 5
    """The county; beyond the offices we know, `province:` and its name."""
    LANE = 6


class Office(NamedTuple):
    """What of an office tells where items come from and go to."""

    id: int
    county: str
    province: str
    town: str
    town_name: str


class Places:
    """The counties of offices, and of towns, which may be written by their name or their slug."""

    def __init__(self, offices: Iterable[Office]) -> None:
        self._of_office = {0: ABROAD}
        self._of_town: dict[tuple[str, str], str] = {}
        for office in sorted(offices, key=lambda one: one.county, reverse=True):
            self._of_office[office.id] = office.county
            for town in (office.town, office.town_name):
                self._of_town[office.province, town] = office.county

    def origin(self, office: int) -> str:
        return self._of_office.get(office, ABROAD)

    def destination(self, province: str | None, town: str | None) -> str:
        """Beyond the offices we know, the province is known."""
        if province is None:
            return UNKNOWN
        county = self._of_town.get((province, town or ""))
        return f"province:{province}" if county is None else county


class Fact(NamedTuple):
    """An item as its row tells it. `office`: of its booking, 0 none."""

    product: int
    channel: int
    status: int
    accepted_at: datetime | None
    ended_at: datetime | None
    promised_at: datetime | None
    office: int
    direction: int
    province: str | None
    town: str | None


class Contribution(NamedTuple):
    """What an item counts as. `minutes`: from acceptance to delivery."""

    accepted_on: date
    ended_on: date | None
    office: int
    minutes: int | None
    product: int
    channel: int
    direction: int
    outcome: int | None
    within: bool | None
    origin: str
    destination: str


def contribution(fact: Fact, places: Places) -> Contribution | None:
    """Nothing before its acceptance; its end when there is one."""
    if fact.accepted_at is None:
        return None
    ended_at = fact.ended_at if fact.status in ENDED else None
    return Contribution(
        accepted_on=tehran_date(fact.accepted_at),
        ended_on=None if ended_at is None else tehran_date(ended_at),
        office=fact.office,
        minutes=_minutes(fact, ended_at),
        product=fact.product,
        channel=fact.channel,
        direction=fact.direction,
        outcome=None if ended_at is None else fact.status,
        within=_within(fact, ended_at),
        origin=places.origin(fact.office),
        destination=places.destination(fact.province, fact.town),
    )


def _minutes(fact: Fact, ended_at: datetime | None) -> int | None:
    """How long it took to its recipient; a return or a loss is no transit."""
    if ended_at is None or fact.accepted_at is None or fact.status != Status.DELIVERED:
        return None
    return max(0, int((ended_at - fact.accepted_at).total_seconds()) // 60)


def _within(fact: Fact, ended_at: datetime | None) -> bool | None:
    """Whether the promise was kept, of an ended item that had one; what is lost keeps none."""
    if ended_at is None or fact.promised_at is None:
        return None
    return fact.status in _HANDED_BACK and ended_at <= fact.promised_at


class Cell(NamedTuple):
    dimension: int
    day: date
    key: str
    product: int


SCALARS: Final = (
    *("accepted", "delivered", "returned", "lost", "destroyed"),
    *("promised", "within", "minutes"),
)
_ACCEPTED, _PROMISED, _WITHIN, _MINUTES = (
    SCALARS.index(name) for name in ("accepted", "promised", "within", "minutes")
)
_OUTCOME: Final = {int(status): SCALARS.index(status.wire) for status in ENDED}
ID_MAX: Final = 2**63 - 1
RANGES_MAX: Final = 9
"""Item ids have so many slots (shared.identifiers.item)."""

Figures = list[int]
"""SCALARS, then the buckets of hours."""


def bucket(minutes: int) -> int:
    """The place in `hours` of a transit; its lower bound belongs to a bucket."""
    return bisect_right(_BOUNDS_MIN, minutes)


def lane(origin: str, destination: str) -> str:
    return f"{origin}>{destination}"


def keys(what: Contribution) -> tuple[tuple[Dimension, str], ...]:
    """The key of each dimension that a contribution counts under."""
    return (
        (Dimension.CHANNEL, str(what.channel)),
        (Dimension.DIRECTION, str(what.direction)),
        (Dimension.OFFICE, str(what.office)),
        (Dimension.COUNTY, what.origin),
        (Dimension.DESTINATION, what.destination),
        (Dimension.LANE, lane(what.origin, what.destination)),
    )


def cells(found: Mapping[Contribution, int]) -> dict[Cell, Figures]:
    """The differences that contributions, each so many times, make to the daily roll-up."""
    made: dict[Cell, Figures] = {}
    for what, times in found.items():
        if not times:
            continue
        for dimension, key in keys(what):
            cell = Cell(int(dimension), what.accepted_on, key, what.product)
            _of(made, cell)[_ACCEPTED] += times
            if what.ended_on is not None:
                _add_end(_of(made, cell._replace(day=what.ended_on)), what, times)
    return {cell: figures for cell, figures in made.items() if any(figures)}


def _of(made: dict[Cell, Figures], cell: Cell) -> Figures:
    figures = made.get(cell)
    if figures is None:
        figures = made[cell] = [0] * (len(SCALARS) + BUCKETS)
    return figures


def _add_end(figures: Figures, what: Contribution, times: int) -> None:
    figures[_OUTCOME[what.outcome or 0]] += times
    if what.within is not None:
        figures[_PROMISED] += times
        figures[_WITHIN] += times * what.within
    if what.minutes is not None:
        figures[_MINUTES] += times * what.minutes
        figures[len(SCALARS) + bucket(what.minutes)] += times


def monthly(daily: Mapping[Cell, Figures]) -> dict[Cell, Figures]:
    """The same by months."""
    made: dict[Cell, Figures] = {}
    for cell, figures in daily.items():
        into = _of(made, cell._replace(day=month_start(cell.day)))
        for n, figure in enumerate(figures):
            into[n] += figure
    return {cell: figures for cell, figures in made.items() if any(figures)}


def differences(
    pairs: Iterable[tuple[Contribution | None, Contribution | None]],
) -> Counter[Contribution]:
    """What changes from old to new contributions add and take."""
    found: Counter[Contribution] = Counter()
    for old, new in pairs:
        if old is not None:
            found[old] -= 1
        if new is not None:
            found[new] += 1
    return found


class Range(NamedTuple):
    """Item ids, both ends included."""

    first: int
    last: int


def ranges_of(cursor: Sequence[Any]) -> list[Range]:
    """The ranges of ids that are still to be read, out of a cursor; Invalid if it is made up."""
    good = all(type(part) is int and 0 <= part <= ID_MAX for part in cursor)
    if not good or len(cursor) % 2 or len(cursor) > 2 * RANGES_MAX:
        raise not_a_cursor()
    return [Range(*pair) for pair in zip(cursor[::2], cursor[1::2], strict=True)]


def cursor_after(ranges: Iterable[Range], item_id: int) -> list[int]:
    """A cursor of what lies beyond an item."""
    left = (Range(max(one.first, item_id + 1), one.last) for one in ranges)
    return [end for one in left if one.first <= one.last for end in one]
