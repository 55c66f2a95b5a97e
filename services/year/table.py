"""The province's report beside what the post published, computed from the reports alone."""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from rich.table import Table

from services.year.cash import Settled
from services.year.client import Api
from services.year.compensation import Paid
from services.year.days import Month
from services.year.errors import ApiError
from services.year.figures import (
    COMPENSATION_RIALS,
    DELEGATED_SERVICES,
    ECOMMERCE_ITEMS,
    ELECTRONIC_CHANNELS,
    ELECTRONIC_GROWTH_PERCENT,
    GROWTH_PERCENT,
    HALF_GROWTH_PERCENT,
    ITEMS,
    OUTSIDE_TASKS_PERCENT,
    PAYROLL,
    PEOPLE,
    SATISFIED_PERCENT,
    SATISFIED_PERCENT_BEFORE,
    group_of,
)
from services.year.opinions import satisfaction
from services.year.plan import WEIGHTS_G

POLL_SECONDS = 0.5
REPORTS_ASKED_MAX = 20
AGREES = {True: "yes", False: "NO", None: ""}
PRICED_TO = ("khuzestan", "lorestan", "tehran")
PRICED_YEARS = 3
NAMES = {
    "express": "express items",
    "postal": "postal items",
    "ecommerce": "e-commerce packages",
}


@dataclass(frozen=True, slots=True)
class Row:
    """In `unit`: items, people, services, rials, percent (growth) or share."""

    name: str
    unit: str
    published: float | None
    """None where the post publishes none."""
    reported: float | None
    """None where there is nothing to grow from, or to share."""
    agrees: bool | None
    """Within one item of the scaled-down count: all that whole items allow. What is not scaled
    agrees exactly. None where nothing is published."""
    interval: tuple[float, float] | None = None
    """Of 95%, of a share in a sample."""

    @property
    def difference(self) -> float | None:
        if self.reported is None or self.published is None:
            return None
        return self.reported - self.published


class Expected(NamedTuple):
    """How many of a statistic's counts a period must reach."""

    what: str
    period: str
    times: int


def compare(year: Mapping[str, Any], half: Mapping[str, Any], scale: int) -> list[Row]:
    """From the province's reports of the year and of the half after it."""
    volumes, services, workforce = year["volumes"], year["services"], year["workforce"]
    this, before = _by_group(volumes, "count"), _by_group(volumes, "previous_count")
    growths = {
        group: _growth(NAMES[group], percent, this[group], before[group])
        for group, percent in GROWTH_PERCENT.items()
    }
    payroll = sum(
        row["count"] for row in workforce["by_employment"] if row["employment"] == "payroll"
    )
    return [
        _volume("items sorted and moved", ITEMS, volumes["total"]["count"], scale),
        growths["express"],
        growths["postal"],
        _growth("electronic services", ELECTRONIC_GROWTH_PERCENT, *_electronic(volumes, services)),
        _volume(NAMES["ecommerce"], ECOMMERCE_ITEMS, this["ecommerce"], scale),
        growths["ecommerce"],
        _growth(
            "first half of the next year", HALF_GROWTH_PERCENT, *_both(half["volumes"]["total"])
        ),
        _exact("people", "people", PEOPLE, workforce["total"]),
        _exact("people on the payroll", "people", PAYROLL, payroll),
        _exact(
            "people outside the state part",
            "share",
            100 * (PEOPLE - PAYROLL) / PEOPLE,
            workforce["outside_state_percent"],
        ),
        _tasks(year["tasks"]),
        _exact(
            "delegated services", "services", DELEGATED_SERVICES, services["services"]["in_force"]
        ),
    ]


async def reports(api: Api, manager: str, year: int) -> tuple[Any, Any]:
    return (
        await _report(api, manager, str(year)),
        await _report(api, manager, f"{year + 1}-H1"),
    )


async def besides(api: Api, manager: str, year: int) -> list[Row]:
    """What the province's report does not have: promises kept, and the tariff."""
    transit = await api.get("/v1/statistics/transit", manager, {"period": str(year)})
    kept = transit["total"]["within_promise_percent"]
    return [Row("within promise", "share", None, kept, None), await _tariff(api, year)]


async def _tariff(api: Api, year: int) -> Row:
    """The largest change of a price from the first day of the year before to the last of three."""
    first = Month(year - 1, 1).first_day()
    last = Month(year - 1 + PRICED_YEARS, 1).first_day() - timedelta(1)
    changes = [
        100 * (await _price(api, product, province, last) / price - 1)
        for product in WEIGHTS_G
        for province in PRICED_TO
        if (price := await _price(api, product, province, first))
    ]
    changed = max(changes, key=abs, default=None)
    return Row(f"tariff over {PRICED_YEARS} years", "percent", 0, changed, changed == 0)


async def _price(api: Api, product: str, province: str, on: date) -> int:
    query: dict[str, str | int] = {
        "product": product,
        "weight_g": WEIGHTS_G[product][1],
        "destination_province": province,
        "on": on.isoformat(),
    }
    price: int = (await api.get("/v1/quotes", None, query))["price_rials"]
    return price


def cash_row(settled: Settled) -> Row:
    """Of what was delivered against cash, how much the bank confirmed as paid, to the rial."""
    delivered, paid = settled.delivered, settled.paid
    done = delivered == paid and not settled.owed
    return Row("cash on delivery, paid out", "rials", delivered, paid, done)


def compensation_row(paid: Paid, scale: int) -> Row:
    """Agrees where it is the ledger's sum to the rial, and the published one's scaled-down part."""
    reported = paid.paid * scale
    agrees = paid.paid == paid.ledger and abs(reported - COMPENSATION_RIALS) <= scale
    return Row("compensation paid", "rials", COMPENSATION_RIALS, reported, agrees)


async def satisfaction_rows(api: Api, manager: str, year: int) -> list[Row]:
    """Of those who were asked and answered: the share of the year, and of the year before."""
    total = (await satisfaction(api, manager, year))["total"]
    return [
        _satisfied("satisfaction", SATISFIED_PERCENT, total),
        _satisfied("satisfaction the year before", SATISFIED_PERCENT_BEFORE, total["previous"]),
    ]


def _satisfied(name: str, percent: int, counted: Mapping[str, Any]) -> Row:
    """Agrees within one answer, as a share of few answers has steps."""
    answered, low, high = counted["answered"], counted["low_percent"], counted["high_percent"]
    interval = None if low is None else (low, high)
    agrees = answered > 0 and abs(counted["satisfied"] - answered * percent / 100) <= 1
    return Row(name, "share", percent, counted["satisfied_percent"], agrees, interval)


async def caught_up(
    api: Api, manager: str, expected: Iterable[Expected], wait_seconds: float
) -> bool:
    """Whether the roll-ups reach the counts sent; given up when they stand still for the time."""
    for what, period, times in expected:
        seen, until = -1, time.monotonic() + wait_seconds
        while True:
            answer = await api.get(f"/v1/statistics/{what}", manager, {"period": period})
            counted = _counted(answer)
            if counted >= times:
                break
            if counted > seen:
                seen, until = counted, time.monotonic() + wait_seconds
            if time.monotonic() >= until:
                return False
            await asyncio.sleep(POLL_SECONDS)
    return True


def _counted(answer: Mapping[str, Any]) -> int:
    """The total of volumes and services; tasks have no total but their rows'."""
    if "total" in answer:
        return int(answer["total"]["count"])
    return sum(row["count"] for row in answer["rows"])


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
            _shown(row.reported, row.unit, sign=row.unit == "percent") + _between(row.interval),
            _shown(row.difference, "points" if _is_percent(row.unit) else row.unit, sign=True),
            AGREES[row.agrees],
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
Electronic services = what is ordered electronically: bookings of shops and banks, and delegated \
services ordered so; how many of either is our split.
35 million = scanned items only: every item here has a barcode and scans. Mail that is only \
counted, and items that come in from other provinces, are not in it yet.
The split of the 35 million among products, the season, the distances and the outcomes of delivery \
are assumed (figures.py, plan.py and route.py of services/year); the notice has none.
Items for other provinces end with the departure that hands them over: in transit. Items under way \
at the end of the range stay open.
People and delegated services in force are not scaled; people have numbers and no names.
The 70% is read as of tasks, beside 75% of people. A task was done outside the state part if the \
office is neither a post office nor a sorting centre; the weights are ours.
Within promise: of the items that ended in the year and had a promise; no share is published.
Tariff: prices of every product to three distances, on the first day of {year - 1} and the last of \
{year + 1}; it is said not to have changed for three years.
Cash on delivery is not published: the first figure is what was delivered against cash in the \
whole range, the second what the bank confirmed as paid to the shops. It is not scaled.
Compensation: claims of a parcel a month, approved and paid on the last day of the year, equal to \
the ledger to the rial; how many claims the 900 million were is not published.
Satisfaction = scores of 4 and 5 of five among the recipients who answered, with Wilson's interval \
of 95% in brackets; "about 80% before" is read as the year before. Who is asked is a sample; how \
many answer, and what, is ours: some two hundred a year whatever the scale.
"""
    return text.strip().splitlines()


def shares(report: Mapping[str, Any]) -> list[str]:
    """Each task's share outside the state part, and its weight; printed under the readings."""
    told = [
        f"{row['task']} {_shown(row['outside_percent'], 'share', sign=False)} of {row['count']:,} "
        f"(weight {row['weight']})"
        for row in report["tasks"]["rows"]
    ]
    return [f"Done outside the state part: {', '.join(told)}."]


async def _report(api: Api, manager: str, period: str) -> Any:
    """A whole one: right after the load a sister may be late for a while."""
    missing: Any = None
    for _ in range(REPORTS_ASKED_MAX):
        report = await api.get("/v1/reports/province", manager, {"period": period})
        missing = report["missing"]
        if not missing:
            return report
        await asyncio.sleep(POLL_SECONDS)
    raise ApiError(f"the report of {period} is not whole: missing {', '.join(missing)}")


def _electronic(volumes: Mapping[str, Any], services: Mapping[str, Any]) -> tuple[int, int]:
    now, before = _both(services["electronic"])
    for row in volumes["rows"]:
        if row["channel"] in ELECTRONIC_CHANNELS:
            now, before = now + row["count"], before + row["previous_count"]
    return now, before


def _tasks(shares: Mapping[str, Any]) -> Row:
    """Agrees within what one item or service more or less of each task would change."""
    rows, reported = shares["rows"], shares["total_outside_percent"]
    agrees = False
    if reported is not None:
        exact = sum(100 * row["weight"] * row["outside_count"] / row["count"] for row in rows)
        one_each = sum(100 * row["weight"] / row["count"] for row in rows)
        agrees = abs(exact - OUTSIDE_TASKS_PERCENT) <= one_each
    return Row("tasks outside the state part", "share", OUTSIDE_TASKS_PERCENT, reported, agrees)


def _exact(name: str, unit: str, published: float, reported: float | None) -> Row:
    return Row(name, unit, published, reported, reported == published)


def _is_percent(unit: str) -> bool:
    return unit in {"percent", "share"}


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


def _between(interval: tuple[float, float] | None) -> str:
    return "" if interval is None else f" [{interval[0]:.1f}–{interval[1]:.1f}]"  # noqa: RUF001 - a range


def _shown(value: float | None, unit: str, *, sign: bool) -> str:
    if value is None:
        return "-"
    plus = "+" if sign and value else ""
    if _is_percent(unit) or unit == "points":
        return f"{value:{plus}.2f}{' pp' if unit == 'points' else '%'}"
    return f"{value:{plus},.0f}"
