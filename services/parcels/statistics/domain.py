"""Pure parts of the statistics: tasks, growth, and which items an event touches."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from services.parcels.transit.domain import ENDED, Range, ranges_of
from services.parcels.vocabulary import CHANNEL_BY_WIRE, PRODUCT_BY_WIRE, TASK_OF, Event
from shared.calendar import tehran_date
from shared.identifiers import S10, item_id_fast, parse_barcode, s10_item_ids
from shared.pagination import not_a_cursor

TaskCell = tuple[date, int, str]
"""Day, task, code of the office that did it; in the roll-up, the office's kind."""

_TASK_BY_WIRE: Final = {event.wire: int(task) for event, task in TASK_OF.items()}
_ENDED: Final = frozenset(status.wire for status in ENDED)
_HANDED_OVER: Final = Event.HANDED_OVER.wire
_TO_TEN_MINUTES: Final = len("2018-07-07T08:3")


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


@lru_cache(maxsize=10_000)
def _day_of(ten_minutes: str) -> date:
    return tehran_date(datetime.fromisoformat(f"{ten_minutes}0:00Z"))


def _day(at: str) -> date:
    """The day in Tehran of an instant in UTC, as events write it.

    Kept for ten minutes at a time: Tehran's offset has been a multiple of them since 1935.
    """
    return _day_of(at[:_TO_TEN_MINUTES])


def tasks(items: Iterable[Mapping[str, Any]]) -> Counter[TaskCell]:
    """The tasks that scans are; of arrivals the caller drops those that are not at a centre.

    Every scan that counts is told of once, with its own time: a late one adds to its own day. One
    that was declared wrong, or withdrawn with its bag, is told of again, and taken back.
    """
    found: Counter[TaskCell] = Counter()
    for item in items:
        task, office = _TASK_BY_WIRE.get(item.get("event", "")), item.get("office")
        if task is not None and office is not None:
            gone = item.get("declared") is not None or item.get("withdrawn")
            found[_day(item["occurred_at"]), task, office] += -1 if gone else 1
    return found


@dataclass(slots=True)
class Touched:
    """Items whose contribution may have changed: ids, and the lives of S10 numbers."""

    items: set[int] = field(default_factory=set)
    lives: set[range] = field(default_factory=set)

    def add(self, barcode: str) -> None:
        item_id = item_id_fast(barcode)
        if item_id is not None:
            self.items.add(item_id)
            return
        foreign = parse_barcode(barcode)
        if isinstance(foreign, S10):  # of every other item there is a barcode of ours
            self.lives.add(s10_item_ids(foreign.item_id))


def touched(items: Iterable[Mapping[str, Any]]) -> Touched:
    """Of scanned items what was accepted otherwise, handed over, or is or was at its end; else all.

    What else moves an item changes nothing that is counted of it.
    """
    found = Touched()
    for item in items:
        if "accepted_before" not in item or _counts_otherwise(item):
            found.add(item["barcode"])
    return found


def _counts_otherwise(item: Mapping[str, Any]) -> bool:
    ends = item["status"] in _ENDED or item["previous"] in _ENDED
    crosses = item["event"] == _HANDED_OVER  # goes out of the province: another direction
    return ends or crosses or item["accepted_at"] != item["accepted_before"]


@dataclass(frozen=True, slots=True)
class Tasking:
    """Which tasks: scans of these events, at offices of a kind; None is any."""

    events: list[int]
    kind: str | None

    @classmethod
    def named(cls, task: str | None, kind: str | None) -> "Tasking":
        return cls([int(e) for e, one in TASK_OF.items() if task in {None, one.wire}], kind)


def tasks_after(cursor: Sequence[Any]) -> tuple[UUID, list[Range]]:
    """An event, and the ranges of ids from its item on, out of a cursor; Invalid if made up."""
    try:
        event = UUID(cursor[0])
    except (ValueError, TypeError, AttributeError):
        raise not_a_cursor() from None
    return event, ranges_of(cursor[1:])


def growth_percent(count: int, previous: int) -> float | None:
    """Growth on the period before, in percent to two decimals; None where there was nothing."""
    return round((count - previous) * 100 / previous, 2) if previous else None
