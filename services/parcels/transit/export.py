"""A report as a file for people's own tools. Pure.

Nothing in it is free text, so no cell can be taken for a formula.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, assert_never

from pydantic import BaseModel

Format = Literal["json", "csv", "xlsx"]
Value = str | int | float | None

MEDIA_TYPES: Final[dict[Format, str]] = {
    "json": "application/json",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
FILES: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "content": {
            MEDIA_TYPES["csv"]: {"schema": {"type": "string"}},
            MEDIA_TYPES["xlsx"]: {"schema": {"type": "string", "format": "binary"}},
        }
    }
}
"""What OpenAPI is to say of a report that comes as a file as well."""


@dataclass(frozen=True, slots=True)
class Table:
    """`name` is the file's, and of ASCII."""

    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Value]]


def table(
    name: str, head: dict[str, Any], model: type[BaseModel], rows: Sequence[BaseModel]
) -> Table:
    """What the whole report says and then a row's own fields, its figures last.

    Without a total, which a reader would count twice.
    """
    said = [at.isoformat() if isinstance(at, datetime) else at for at in head.values()]
    own = [name for name in model.model_fields if name in model.__annotations__]
    fields = [*own, *(name for name in model.model_fields if name not in own)]
    found = (row.model_dump(mode="json") for row in rows)
    lines = [[*said, *(row[field] for field in fields)] for row in found]
    return Table(name, [*head, *fields], lines)


def render(report: BaseModel, what: Format, content: Table) -> bytes:
    match what:
        case "json":
            return report.model_dump_json().encode()
        case "csv":
            return _csv(content)
        case "xlsx":
            return _xlsx(content)
        case _:
            assert_never(what)


def headers(what: Format, content: Table) -> dict[str, str]:
    """What makes a browser save it as a file."""
    if what == "json":
        return {}
    return {"Content-Disposition": f'attachment; filename="{content.name}.{what}"'}


def _csv(content: Table) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(content.columns)
    writer.writerows(content.rows)
    return out.getvalue().encode()


def _xlsx(content: Table) -> bytes:
    import xlsxwriter  # noqa: PLC0415 - only a spreadsheet pays for it

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_urls": False}) as book:
        bold = book.add_format({"bold": True})
        sheet = book.add_worksheet("report")
        sheet.write_row(0, 0, content.columns, bold)
        for n, row in enumerate(content.rows, start=1):
            sheet.write_row(n, 0, row)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(content.columns) - 1, 15)
    return out.getvalue()
