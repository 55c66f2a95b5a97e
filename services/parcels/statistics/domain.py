"""Pure parts of the statistics: contributions, tasks, growth, and the way down to the items."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

from services.parcels.vocabulary import CHANNEL_BY_WIRE, PRODUCT_BY_WIRE, TASK_OF
from shared.calendar import tehran_date
from shared.pagination import not_a_cursor

Cell = tuple[date, int, int]
"""Day, product, channel."""
TaskCell = tuple[date, int, str]
"""Day, task, code of the office that did it; in the roll-up, the office's kind."""

_TASK_BY_WIRE: Final = {event.wire: int(task) for event, task in TASK_OF.items()}
_TO_TEN_MINUTES: Final = len("2018-07-07T08:3")
ID_MAX: Final = 2**63 - 1
RANGES_MAX: Final = 9
"""Item ids have so many slots (shared.identifiers.item)."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Which items: of a product, of a channel; None is any."""

    product: int | None = None
    channel: int | None = None

    @classmethod
    def named(cls, product: str | None, channel: str | None) -> "Kind":
        return cls(
            None if product is None else int(PRODUCT_BY_WIRE[product]),
            None if channel is None else int(CHANNEL_BY_WIRE[channel]),
        )


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


@lru_cache(maxsize=10_000)
def _day_of(ten_minutes: str) -> date:
    return tehran_date(datetime.fromisoformat(f"{ten_minutes}0:00Z"))


def _day(at: str) -> date:
    """The day in Tehran of an instant in UTC, as events write it.

    Kept for ten minutes at a time: Tehran's offset has been a multiple of them since 1935.
    """
    return _day_of(at[:_TO_TEN_MINUTES])


def differences(items: Iterable[dict[str, Any]]) -> Counter[Cell]:
    """What status changes add to and take from the roll-up: new contribution minus old."""
    found: Counter[Cell] = Counter()
    for item in items:
        new, old = item["accepted_at"], item["accepted_before"]
        if new == old:
            continue
        kind = (int(PRODUCT_BY_WIRE[item["product"]]), int(CHANNEL_BY_WIRE[item["channel"]]))
        if new is not None:
            found[_day(new), *kind] += 1
        if old is not None:
            found[_day(old), *kind] -= 1
    return found


def tasks(items: Iterable[dict[str, Any]]) -> Counter[TaskCell]:
    """The tasks that scans are; of arrivals the caller drops those that are not at a centre.

    Every scan that counts is told of once, with its own time: a late one adds to its own day. One
    that was declared wrong is told of again, and taken back.
    """
    found: Counter[TaskCell] = Counter()
    for item in items:
        task, office = _TASK_BY_WIRE.get(item["event"]), item["office"]
        if task is not None and office is not None:
            done = 1 if item.get("declared") is None else -1
            found[_day(item["occurred_at"]), task, office] += done
    return found


def growth_percent(count: int, previous: int) -> float | None:
    """Growth on the period before, in percent to two decimals; None where there was nothing."""
    return round((count - previous) * 100 / previous, 2) if previous else None
