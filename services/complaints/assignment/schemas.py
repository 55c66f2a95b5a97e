"""What assignment looks like on the wire."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, model_validator

from services.complaints.assignment.domain import Level
from shared.fields import OfficeCode
from shared.text import text


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class OfficerRequest(_Request):
    """`office` goes with the level office, `county` (its slug) with the level county."""

    level: Level
    office: OfficeCode | None = None
    county: Annotated[str, text(1, 80)] | None = None
    active: bool = True

    @model_validator(mode="after")
    def _place_fits_level(self) -> Self:
        if (self.level == "office") != (self.office is not None):
            raise ValueError("`office` goes with the level office, and only with it")
        if (self.level == "county") != (self.county is not None):
            raise ValueError("`county` goes with the level county, and only with it")
        return self


class AssignRequest(_Request):
    """Without `officer`: by the rule, to the nearest who has the fewest open cases."""

    officer: UUID | None = None
    reason: Annotated[str, text(3, 500)]


class _Response(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class OfficerBody(_Response):
    account: str
    level: Level
    office: str | None
    county: str | None
    active: bool
    version: int
    open_cases: int


class AssignmentBody(_Response):
    """`how`: by the rule of a level, or by hand."""

    officer: str
    how: Literal["office", "county", "province", "by_hand"]
    reason: str | None
    account: str | None
    occurred_at: datetime


class WatcherBody(_Response):
    account: str
    since: datetime


class AssignmentsBody(_Response):
    """Whose the case is and was, the first to the last, and who watches it."""

    number: str
    officer: str | None
    assignments: list[AssignmentBody]
    watchers: list[WatcherBody]
