"""What an import answers."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from services.offices.exchange.domain import Result
from services.offices.registry.domain import Status
from shared.errors import ProblemBody
from shared.fields import Day, OfficeCode
from shared.text import text


class RowKeys(BaseModel):
    """What a row is known by, the office it names, and what of it an import only compares."""

    model_config = ConfigDict(extra="ignore")

    code: OfficeCode | None = None
    external_key: Annotated[str, text(1, 200)] | None = None
    sorting_centre: OfficeCode | None = None
    status: Status | None = None
    founded_on: Day | None = None


class RowResult(BaseModel):
    """`row` counts from 1, a header not. `code` is null of what was refused or is yet to be."""

    row: int
    code: str | None
    result: Result
    problem: ProblemBody | None


class ImportOut(BaseModel):
    """A dry run's results say what the same file would do; nothing was written."""

    dry_run: bool
    rows: int
    created: int
    changed: int
    unchanged: int
    refused: int
    results: Annotated[list[RowResult], Field(description="One a row, in the file's order.")]
