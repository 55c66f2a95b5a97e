"""Pure parts of the statistics: contributions, and growth."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from services.parcels.vocabulary import CHANNEL_BY_WIRE, PRODUCT_BY_WIRE
from shared.calendar import tehran_date

Cell = tuple[date, int, int]
"""Day, product, channel."""


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
