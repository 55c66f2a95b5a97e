"""The exchange file: a row an office, as CSV or NDJSON, and how each is read and written. Pure.

In CSV the hours are a column a weekday: intervals with a space between (`07:30-12:00 16:00-19:00`),
nothing where it is closed. Capabilities are words with a space between. NDJSON has `hours`,
`capabilities` and `owner` as the API has them.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal

from pydantic_core import from_json

from services.offices.exchange.errors import TooManyRows, UnknownColumns, UnknownFormat
from shared.calendar import Hours
from shared.text import fold_digits

Format = Literal["csv", "ndjson"]
Result = Literal["created", "changed", "unchanged", "refused"]

ROWS_MAX: Final = 10_000
MEDIA_TYPES: Final[Mapping[Format, str]] = {"csv": "text/csv", "ndjson": "application/x-ndjson"}
_FORMATS: Final[Mapping[str, Format]] = {
    "text/csv": "csv",
    "application/csv": "csv",
    "application/x-ndjson": "ndjson",
    "application/ndjson": "ndjson",
    "application/jsonl": "ndjson",
}

DAYS: Final = tuple(Hours.model_fields)
PLAIN: Final = (
    "code",
    "external_key",
    "name",
    "kind",
    "town",
    "address",
    "postal_code",
    "latitude",
    "longitude",
    "sorting_centre",
    "capacity_per_day",
    "founded_on",
    "status",
)
"""Fields that are one cell."""
COLUMNS: Final = (*PLAIN, "capabilities", "owner_kind", "owner_name", *DAYS)
_MEASURES: Final = ("latitude", "longitude", "capacity_per_day")

# what a spreadsheet would run as a formula (OWASP, CSV injection), full-width forms included
_FORMULA: Final = re.compile(r"'*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]")
_QUOTED_FORMULA: Final = re.compile(r"'+[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]")
_DASH: Final = re.compile(r"\s*[-\u2010-\u2015]\s*")
_BETWEEN: Final = re.compile(r"[\s,;|/\u060c\u061b]+")
CLOSED: Final = frozenset({"", "closed", "تعطیل"})


@dataclass(frozen=True, slots=True)
class Row:
    """`number` counts from 1, the header not. `fault`: why there are no values."""

    number: int
    values: dict[str, Any]
    fault: str | None = None


def format_of(content_type: str) -> Format:
    found = _FORMATS.get(content_type.partition(";")[0].strip().lower())
    if found is None:
        raise UnknownFormat("send Content-Type: text/csv, or application/x-ndjson")
    return found


def read(what: Format, raw: bytes) -> Iterator[Row]:
    """The rows of a file; a row that is none has a fault. Too many rows, or no header: refused."""
    rows = _read_csv(raw) if what == "csv" else _read_ndjson(raw)
    for row in rows:
        if row.number > ROWS_MAX:
            raise TooManyRows(f"a file may have {ROWS_MAX} rows: send it in parts")
        yield row


def _read_ndjson(raw: bytes) -> Iterator[Row]:
    lines = [line for line in raw.removeprefix(b"\xef\xbb\xbf").splitlines() if line.strip()]
    for number, line in enumerate(lines, 1):
        try:
            values = from_json(line, allow_inf_nan=False)
        except ValueError:
            yield Row(number, {}, "this line is not JSON")
            continue
        if isinstance(values, dict):
            yield Row(number, values)
        else:
            yield Row(number, {}, "write an office as a JSON object")


def _read_csv(raw: bytes) -> Iterator[Row]:
    # a byte that is no UTF-8 spoils its own row only: as a lone surrogate no text field takes it
    text = raw.decode("utf-8-sig", errors="surrogateescape")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header = _header(next(_lines(reader), []))
    number = 0
    for cells in _lines(reader):
        if not cells:
            continue  # an empty line
        number += 1
        if isinstance(cells, str):
            yield Row(number, {}, cells)
        elif len(cells) > len(header):
            yield Row(number, {}, "more cells than columns: put text with a separator in quotes")
        else:
            yield Row(number, _values(dict(zip(header, cells, strict=False))))


def _lines(reader: Any) -> Iterator[list[str] | str]:
    """The reader's lines, and why it could not read one; it goes on at the next."""
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield f"not CSV: {error}"


def _header(cells: list[str] | str) -> list[str]:
    names = [] if isinstance(cells, str) else [cell.strip().lower() for cell in cells]
    unknown = [name for name in names if name not in COLUMNS]
    some_days = set(DAYS) & set(names)
    if not names or unknown or len(set(names)) < len(names):
        raise UnknownColumns(
            f"the first row names the columns, each once, in UTF-8: {', '.join(COLUMNS)}"
        )
    if some_days and some_days != set(DAYS):
        raise UnknownColumns(f"the days go together: {', '.join(DAYS)}")
    return names


def _values(cells: dict[str, str]) -> dict[str, Any]:
    """A row's cells in the shape of the API; an empty one is null."""
    found: dict[str, Any] = {
        name: plain(cell).strip() or None for name, cell in cells.items() if name in PLAIN
    }
    for name in _MEASURES:
        if found.get(name):
            found[name] = fold_digits(found[name]).replace("\u066b", ".")
    if "capabilities" in cells:
        found["capabilities"] = _BETWEEN.sub(" ", plain(cells["capabilities"])).split() or None
    if cells.get("owner_kind", "").strip() or cells.get("owner_name", "").strip():
        names = {"kind": "owner_kind", "name": "owner_name"}
        found["owner"] = {
            key: plain(cells.get(column, "")).strip() or None for key, column in names.items()
        }
    hours = {day: intervals(cells[day]) for day in DAYS if day in cells}
    return found | ({"hours": hours} if hours else {})


@lru_cache(maxsize=1024)
def intervals(cell: str) -> tuple[str, ...]:
    """A day's opening hours from a cell, each still to be checked."""
    text = _DASH.sub("-", fold_digits(plain(cell)).strip())
    return () if text.casefold() in CLOSED else tuple(part for part in _BETWEEN.split(text) if part)


def safe(cell: str) -> str:
    """With an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def plain(cell: str) -> str:
    """What was made safe, as it was."""
    return cell[1:] if _QUOTED_FORMULA.match(cell) else cell


def write_header() -> str:
    return ",".join(COLUMNS) + "\r\n"


def write_csv(offices: Iterable[Mapping[str, Any]]) -> str:
    """Lines of offices in the shape of the API, for `read` to take back."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([safe(cell) for cell in _cells(office)] for office in offices)
    return out.getvalue()


def _cells(office: Mapping[str, Any]) -> Iterator[str]:
    owner = office["owner"] or {}
    for name in PLAIN:
        yield "" if office[name] is None else str(office[name])
    yield " ".join(office["capabilities"])
    yield owner.get("kind") or ""
    yield owner.get("name") or ""
    for day in DAYS:
        yield " ".join(office["hours"].get(day, ()))
