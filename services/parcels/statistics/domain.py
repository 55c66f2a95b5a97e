"""Pure parts of the statistics: contributions, growth, and the way down to the items."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from services.parcels.vocabulary import CHANNEL_BY_WIRE, PRODUCT_BY_WIRE
from shared.calendar import tehran_date
from shared.pagination import not_a_cursor

Cell = tuple[date, int, int]
"""Day, product, channel."""
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


def _day(at: str, days: dict[str, date]) -> date:
    day = days.get(at)
    if day is None:
        day = days[at] = tehran_date(datetime.fromisoformat(at))
    return day


def differences(items: Iterable[dict[str, Any]]) -> Counter[Cell]:
    """What status changes add to and take from the roll-up: new contribution minus old."""
    found: Counter[Cell] = Counter()
    days: dict[str, date] = {}
    for item in items:
        new, old = item["accepted_at"], item["accepted_before"]
        if new == old:
            continue
        kind = (int(PRODUCT_BY_WIRE[item["product"]]), int(CHANNEL_BY_WIRE[item["channel"]]))
        if new is not None:
            found[_day(new, days), *kind] += 1
        if old is not None:
            found[_day(old, days), *kind] -= 1
    return found


def growth_percent(count: int, previous: int) -> float | None:
    """Growth on the period before, in percent to two decimals; None where there was nothing."""
    return round((count - previous) * 100 / previous, 2) if previous else None
