"""The report's rows as a table, each number with the way to what it counts. Pure."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from services.gateway.web import numbers
from services.gateway.web.numbers import Language

HERE: Final = "/portal/province"
EXPRESS: Final = ("pishtaz", "vijeh")
ELECTRONIC: Final = ("ecommerce", "bank")
LEADS_TO: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "items": ("volumes", {}),
    "express_items": ("volumes", {"of": "express_items"}),
    "postal_items": ("volumes", {"of": "postal_items"}),
    "ecommerce_packages": ("volumes", {"of": "ecommerce_packages"}),
    "electronic_services": ("electronic", {}),
    "within_promise": ("transit", {"by": "lane"}),
    "satisfaction": ("satisfaction", {"by": "county"}),
    "compensation": ("compensation", {}),
    "people": ("people", {}),
    "people_on_the_payroll": ("people", {"employment": "payroll"}),
    "people_outside_the_state_part": ("people", {}),
    "tasks_outside_the_state_part": ("tasks", {}),
    "delegated_services": ("services", {}),
    "online_shops": ("partners", {"kind": "shop"}),
    "banks": ("partners", {"kind": "bank"}),
    "years_of_unchanged_tariff": ("tariffs", {}),
}
"""Where each row of the report is told in full."""


@dataclass(frozen=True, slots=True)
class Cell:
    """`text` as people read it, `plain` as a machine does; `href`: what it counts."""

    text: str
    plain: Any = None
    href: str | None = None
    numeric: bool = False
    code: bool = False


@dataclass(slots=True)
class Table:
    """`key`: of its title among the texts; `heads`: keys too, each of `counted.head.…`."""

    key: str
    heads: Sequence[str]
    rows: list[list[Cell]] = field(default_factory=list)
    cursor: str | None = None
    note: str | None = None

    @property
    def numeric(self) -> tuple[int, ...]:
        first = self.rows[0] if self.rows else []
        return tuple(n for n, cell in enumerate(first) if cell.numeric)


def to(what: str, **query: Any) -> str:
    """The address of what is counted."""
    kept = {name: value for name, value in query.items() if value not in (None, "")}
    return f"{HERE}/counted/{what}?{urlencode(kept)}" if kept else f"{HERE}/counted/{what}"


@dataclass(frozen=True, slots=True)
class Writer:
    """Cells in one language."""

    lang: Language

    def number(self, value: float | None, href: str | None = None) -> Cell:
        return Cell(numbers.number(value, self.lang), value, href if value else None, numeric=True)

    def percent(self, value: float | None, href: str | None = None) -> Cell:
        shown = numbers.percent(value, self.lang)
        return Cell(shown, value, None if value is None else href, numeric=True)

    def rials(self, value: int | None, href: str | None = None) -> Cell:
        return Cell(numbers.rials(value, self.lang), value, href if value else None, numeric=True)

    def hours(self, value: float | None) -> Cell:
        shown = numbers.duration(None if value is None else value * 3600, self.lang)
        return Cell(shown, value, numeric=True)

    def instant(self, value: str | None) -> Cell:
        return Cell(numbers.short_instant(value, self.lang), value)

    def day(self, value: str | None) -> Cell:
        return Cell(numbers.short_day(value, self.lang), value)

    def of_unit(self, value: float | None, unit: str, href: str | None = None) -> Cell:
        """A figure of the report; only where it is known does it lead anywhere."""
        if unit == "percent":
            return self.percent(value, href)
        if unit == "rials":
            cell = self.rials(None if value is None else int(value))
        elif unit == "years":
            cell = Cell(numbers.number(value, self.lang, 1), value, numeric=True)
        else:
            cell = self.number(None if value is None else int(value))
        return Cell(cell.text, cell.plain, None if value is None else href, numeric=True)


def text(value: Any, href: str | None = None) -> Cell:
    return Cell("—" if value in (None, "") else str(value), value, href)


def code(value: Any, href: str | None = None) -> Cell:
    """Latin text that stands from left to right in Persian too."""
    return Cell("—" if value in (None, "") else str(value), value, href, code=True)


def lead_of(name: str, period: str) -> str:
    what, query = LEADS_TO[name]
    return to(what, period=period, **query)


def belongs(row: Mapping[str, Any], figure: str) -> bool:
    """Whether a row of volumes is part of a figure: express and postal are without e-commerce."""
    shop: bool = row["channel"] == "ecommerce"
    fast = row["product"] in EXPRESS
    match figure:
        case "express_items":
            return fast and not shop
        case "postal_items":
            return not fast and not shop
        case "ecommerce_packages":
            return shop
        case "electronic":
            return row["channel"] in ELECTRONIC
        case _:
            return True


def as_csv(heads: Iterable[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """UTF-8 with a mark, so that Excel shows Persian; CRLF (RFC 4180). Plain numbers.

    What begins as a formula does is made text, as OWASP advises.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(list(heads))
    for row in rows:
        writer.writerow([_safe(cell.text if cell.plain is None else cell.plain) for cell in row])
    return out.getvalue().encode("utf-8-sig")


def _safe(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" else value
