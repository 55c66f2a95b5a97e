"""A report of volumes as a file for people's own tools. Pure.

Nothing in it is free text, so no cell can be taken for a formula.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Final, Literal, assert_never

from services.parcels.statistics.schemas import Volumes

Format = Literal["json", "csv", "xlsx"]

MEDIA_TYPES: Final[Mapping[Format, str]] = {
    "json": "application/json",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
COLUMNS: Final = (
    "period",
    "previous",
    "as_of",
    "product",
    "channel",
    "count",
    "previous_count",
    "growth_percent",
)
Cell = str | int | float | None


def render(volumes: Volumes, what: Format) -> bytes:
    match what:
        case "json":
            return volumes.model_dump_json().encode()
        case "csv":
            return _csv(volumes)
        case "xlsx":
            return _xlsx(volumes)
        case _:
            assert_never(what)


def headers(volumes: Volumes, what: Format) -> dict[str, str]:
    """What makes a browser save it as a file."""
    if what == "json":
        return {}
    return {"Content-Disposition": f'attachment; filename="volumes-{volumes.period}.{what}"'}


def _rows(volumes: Volumes) -> Iterator[tuple[Cell, ...]]:
    """One a product and channel; without a total, which a reader would count twice."""
    as_of = volumes.as_of.isoformat() if volumes.as_of else None
    for row in volumes.rows:
        yield (
            volumes.period,
            volumes.previous,
            as_of,
            row.product,
            row.channel,
            row.count,
            row.previous_count,
            row.growth_percent,
        )


def _csv(volumes: Volumes) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows(_rows(volumes))
    return out.getvalue().encode()


def _xlsx(volumes: Volumes) -> bytes:
    import xlsxwriter  # noqa: PLC0415 - only a spreadsheet pays for it

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        bold = book.add_format({"bold": True})
        sheet = book.add_worksheet("volumes")
        sheet.write_row(0, 0, COLUMNS, bold)
        for n, row in enumerate(_rows(volumes), start=1):
            sheet.write_row(n, 0, row)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(COLUMNS) - 1, 15)
    return out.getvalue()
