"""Pure parts of the statistics: contributions, tasks, and growth."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final

from services.parcels.vocabulary import CHANNEL_BY_WIRE, PRODUCT_BY_WIRE, TASK_OF
from shared.calendar import tehran_date

Cell = tuple[date, int, int]
"""Day, product, channel."""
TaskCell = tuple[date, int, str]
"""Day, task, code of the office that did it; in the roll-up, the office's kind."""

_TASK_BY_WIRE: Final = {event.wire: int(task) for event, task in TASK_OF.items()}
_TO_TEN_MINUTES: Final = len("2018-07-07T08:3")


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

    Every scan that counts is told of once, with its own time, so there is nothing to take back:
    a late one adds to its own day.
    """
    found: Counter[TaskCell] = Counter()
    for item in items:
        task, office = _TASK_BY_WIRE.get(item["event"]), item["office"]
        if task is not None and office is not None:
            found[_day(item["occurred_at"]), task, office] += 1
    return found


def growth_percent(count: int, previous: int) -> float | None:
    """Growth on the period before, in percent to two decimals; None where there was nothing."""
    return round((count - previous) * 100 / previous, 2) if previous else None
