"""How many items of what in which month: the published figures as exact counts, never sampled.

Published by the provincial post (FACTS: undated; read as 1397 and the first half of 1398): 35
million items moved in the year; on the year before, express +11%, postal items +21%, e-commerce
packages +62% to 480,000, electronic services +65%; the first half of the next year +14% on the same
half before; satisfaction 95%, about 80% before; 400 delegated services; 2,400 people of whom 600 on
the payroll; 70% of tasks done outside the state part; 900 million rials of compensation paid in
the year.
"""

from typing import NamedTuple

from services.year.days import Month
from shared.apportion import apportion

ITEMS = 35_000_000
ECOMMERCE_ITEMS = 480_000
GROWTH_PERCENT = {"express": 11, "postal": 21, "ecommerce": 62}
HALF_GROWTH_PERCENT = 14
ELECTRONIC_GROWTH_PERCENT = 65
DELEGATED_SERVICES = 400
PEOPLE = 2_400
PAYROLL = 600
OUTSIDE_TASKS_PERCENT = 70
COMPENSATION_RIALS = 900_000_000
SATISFIED_PERCENT, SATISFIED_PERCENT_BEFORE = 95, 80

STATE_KINDS = frozenset({"post_office", "sorting_centre"})
ELECTRONIC_CHANNELS = frozenset({"ecommerce", "bank"})
# How the tasks make up the 70%, in percent: what meets people weighs most. Ours, and the report's.
TASK_WEIGHTS = {"acceptance": 30, "sorting": 10, "transport": 10, "delivery": 30, "delegated": 20}
# Ours too: of a hundred items, those accepted and those delivered outside the state part.
ACCEPTED_OUTSIDE = 80
DELIVERED_OUTSIDE = 80
# The rest of the 70% is delegated services; in the year before, where nothing is published:
PERFORMED_OUTSIDE_BEFORE = 92
# People by employment and kind of office; only the total and the payroll are published.
STAFF: dict[tuple[str, str], int] = {
    ("payroll", "post_office"): 450,
    ("payroll", "sorting_centre"): 150,
    ("contract", "post_office"): 200,
    ("contract", "sorting_centre"): 100,
    ("agency", "agency"): 700,
    ("counter", "pishkhan"): 700,
    ("counter", "rural_ict"): 100,
}
# Delegated services performed, assumed. Those ordered electronically in the year before follow
# from the +65%: see `performed`.
PERFORMED = {"electronic": 4_000_000, "counter": 8_000_000}
PERFORMED_AT_COUNTERS_BEFORE = 7_000_000


class Cell(NamedTuple):
    product: str
    channel: str


# Our own split of the 35 million of the year (only the total and e-commerce are published).
# International items are left out until offices of exchange exist.
SPLIT: dict[str, dict[Cell, int]] = {
    "express": {
        Cell("pishtaz", "counter"): 4_700_000,
        Cell("pishtaz", "bank"): 350_000,
        Cell("vijeh", "counter"): 200_000,
    },
    "postal": {
        Cell("adi", "counter"): 14_000_000,
        Cell("sefareshi", "counter"): 8_120_000,
        Cell("sefareshi", "bank"): 4_000_000,
        Cell("matbu", "counter"): 2_100_000,
        Cell("amanat", "counter"): 1_050_000,
    },
    "ecommerce": {
        Cell("pishtaz", "ecommerce"): 300_000,
        Cell("sefareshi", "ecommerce"): 180_000,
    },
}
# Assumed shape of a year, Farvardin to Esfand: quiet at Nowruz, full before the next.
SEASON = (70, 100, 97, 95, 93, 105, 106, 101, 103, 104, 108, 118)

Counts = dict[Month, dict[Cell, int]]


def group_of(product: str, channel: str) -> str:
    """E-commerce is what shops send, whatever the product; express is pishtaz and vijeh."""
    if channel == "ecommerce":
        return "ecommerce"
    return "express" if product in {"pishtaz", "vijeh"} else "postal"


def counts(year: int, scale: int) -> Counts:
    """Items accepted per month and cell: the year before, the year, and the half after it."""
    groups = _year_groups(scale)
    before = {
        group: _rounded(items * 100, 100 + GROWTH_PERCENT[group]) for group, items in groups.items()
    }
    this = _year(year, groups)
    return _year(year - 1, before) | this | _half_after(year, this)


def performed(year: int, of: Counts, scale: int) -> dict[int, dict[str, int]]:
    """Delegated services performed in the year and the year before: electronic, at the counter.

    Electronic services are the bookings of shops and banks and the delegated services ordered
    electronically. Their sum grows by 65%: the year before had 100/165 of it, less its bookings.
    """
    this = {channel: _rounded(count, scale) for channel, count in PERFORMED.items()}
    booked, booked_before = _electronic_bookings(of, year), _electronic_bookings(of, year - 1)
    sum_before = _rounded((booked + this["electronic"]) * 100, 100 + ELECTRONIC_GROWTH_PERCENT)
    before = {
        "electronic": max(sum_before - booked_before, 0),
        "counter": _rounded(PERFORMED_AT_COUNTERS_BEFORE, scale),
    }
    return {year - 1: before, year: this}


def _electronic_bookings(of: Counts, year: int) -> int:
    return sum(
        count
        for month in whole(year)
        for cell, count in of[month].items()
        if cell.channel in ELECTRONIC_CHANNELS
    )


def total(of: Counts, months: list[Month]) -> int:
    return sum(sum(of[month].values()) for month in months if month in of)


def half(year: int) -> list[Month]:
    return [Month(year, number) for number in range(1, 7)]


def whole(year: int) -> list[Month]:
    return [Month(year, number) for number in range(1, 13)]


def _rounded(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)


def _year_groups(scale: int) -> dict[str, int]:
    items, ecommerce = _rounded(ITEMS, scale), _rounded(ECOMMERCE_ITEMS, scale)
    weights = [sum(SPLIT[group].values()) for group in ("express", "postal")]
    express, postal = apportion(items - ecommerce, weights)
    return {"express": express, "postal": postal, "ecommerce": ecommerce}


def _year(year: int, groups: dict[str, int]) -> Counts:
    months = whole(year)
    table: Counts = {month: {} for month in months}
    for group, items in groups.items():
        cells = list(SPLIT[group])
        for cell, of_cell in zip(cells, apportion(items, list(SPLIT[group].values())), strict=True):
            for month, count in zip(months, apportion(of_cell, SEASON), strict=True):
                table[month][cell] = count
    return table


def _half_after(year: int, this: Counts) -> Counts:
    """Every month and cell grows alike, as nearly as whole items allow; the total is exact."""
    keys = [(month.number, cell) for month in half(year) for cell in this[month]]
    weights = [this[Month(year, number)][cell] for number, cell in keys]
    table: Counts = {month: {} for month in half(year + 1)}
    grown = _rounded(sum(weights) * (100 + HALF_GROWTH_PERCENT), 100)
    parts = apportion(grown, weights) if any(weights) else weights
    for (number, cell), count in zip(keys, parts, strict=True):
        table[Month(year + 1, number)][cell] = count
    return table
