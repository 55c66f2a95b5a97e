"""The province's report beside what the post published, computed from the reports alone."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from services.year.client import Api
from services.year.errors import ApiError
from services.year.figures import (
    ECOMMERCE_ITEMS,
    GROWTH_PERCENT,
    HALF_GROWTH_PERCENT,
    ITEMS,
    group_of,
)

POLL_SECONDS = 0.5
NAMES = {
    "express": "express items",
    "postal": "postal items",
    "ecommerce": "e-commerce packages",
}


@dataclass(frozen=True, slots=True)
class Row:
    """`published` and `reported` in items, or in percent where `unit` says so."""

    name: str
    unit: str
    published: float
    reported: float | None
    """None where there is nothing to grow from."""
    agrees: bool
    """Within one item of the scaled-down count: all that whole items allow."""

    @property
    def difference(self) -> float | None:
        return None if self.reported is None else self.reported - self.published


def compare(year: Mapping[str, Any], half: Mapping[str, Any], scale: int) -> list[Row]:
    """From the volumes of the year and of the half after it (each with its year before)."""
    this, before = _by_group(year, "count"), _by_group(year, "previous_count")
    growths = {
        group: _growth(NAMES[group], percent, this[group], before[group])
        for group, percent in GROWTH_PERCENT.items()
    }
    return [
        _volume("items sorted and moved", ITEMS, year["total"]["count"], scale),
        growths["express"],
        growths["postal"],
        _volume(NAMES["ecommerce"], ECOMMERCE_ITEMS, this["ecommerce"], scale),
        growths["ecommerce"],
        _growth("first half of the next year", HALF_GROWTH_PERCENT, *_both(half["total"])),
    ]


async def reports(api: Api, manager: str, year: int) -> tuple[Any, Any]:
    return (
        await _volumes(api, manager, str(year)),
        await _volumes(api, manager, f"{year + 1}-H1"),
    )


async def caught_up(
    api: Api, manager: str, expected: Mapping[str, int], wait_seconds: float
) -> bool:
    """Whether the roll-ups reach the counts sent, within the time; `expected` is per period."""
    until = time.monotonic() + wait_seconds
    for period, count in expected.items():
        while True:
            volumes = await api.get("/v1/statistics/volumes", manager, {"period": period})
            if volumes["total"]["count"] >= count:
                break
            if time.monotonic() >= until:
                return False
            await asyncio.sleep(POLL_SECONDS)
    return True


def as_table(rows: Sequence[Row], year: int, scale: int) -> Table:
    table = Table(title=f"Khuzestan {year}, scale 1:{scale:,}")
    table.add_column("")
    table.add_column("published", justify="right")
    table.add_column("Susa's report × scale", justify="right")  # noqa: RUF001 - times is meant
    table.add_column("difference", justify="right")
    table.add_column("within one item", justify="right")
    for row in rows:
        table.add_row(
            f"{row.name}, growth" if row.unit == "percent" else row.name,
            _shown(row.published, row.unit, sign=row.unit == "percent"),
            _shown(row.reported, row.unit, sign=row.unit == "percent"),
            _shown(row.difference, "points" if row.unit == "percent" else row.unit, sign=True),
            "yes" if row.agrees else "NO",
        )
    return table


def readings(year: int) -> list[str]:
    """How the published sentences are read; printed under the table."""
    text = f"""
The year is {year}, compared with {year - 1}; the half is {year + 1}-H1, compared with {year}-H1. \
The notice names no year; its date fits {year + 1}. The year is a parameter.
An item counts in the month in which it was accepted (Jalali, Asia/Tehran).
Express = pishtaz and vijeh; e-commerce = the shops' packages, whatever the product; postal items \
= all but express and e-commerce; the first half = all items.
35 million = scanned items only: every item here has a barcode and scans. Mail that is only \
counted, and items that come in from other provinces, are not in it yet.
The split of the 35 million among products, the season, the distances and the outcomes of delivery \
are assumed (figures.py, plan.py and route.py of services/year); the notice has none.
Items for other provinces end with the departure that hands them over: in transit. Items under way \
at the end of the range stay open.
Electronic services, people, delegated services, satisfaction and compensation are not in this \
table yet.
"""
    return text.strip().splitlines()


async def _volumes(api: Api, manager: str, period: str) -> Any:
    report = await api.get("/v1/reports/province", manager, {"period": period})
    if report.get("volumes") is None:
        raise ApiError(f"the report of {period} has no volumes: missing {report.get('missing')}")
    return report["volumes"]


def _by_group(volumes: Mapping[str, Any], field: str) -> dict[str, int]:
    groups = dict.fromkeys(GROWTH_PERCENT, 0)
    for row in volumes["rows"]:
        groups[group_of(row["product"], row["channel"])] += row[field]
    return groups


def _both(counted: Mapping[str, int]) -> tuple[int, int]:
    return counted["count"], counted["previous_count"]


def _volume(name: str, published: int, count: int, scale: int) -> Row:
    agrees = abs(count * scale - published) <= scale
    return Row(name, "items", published, count * scale, agrees)


def _growth(name: str, percent: int, count: int, before: int) -> Row:
    grown = before * (100 + percent) / 100
    reported = round((count / before - 1) * 100, 2) if before else None
    return Row(name, "percent", percent, reported, abs(count - grown) <= 1)


def _shown(value: float | None, unit: str, *, sign: bool) -> str:
    if value is None:
        return "-"
    plus = "+" if sign and value else ""
    if unit == "items":
        return f"{value:{plus},.0f}"
    return f"{value:{plus}.2f}{'%' if unit == 'percent' else ' pp'}"
