"""Use cases: what happened to cases in a period, and how old the open ones are."""

from datetime import datetime
from typing import Annotated, Final

from pydantic import Field, TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.caseload import repository
from services.complaints.caseload.domain import Dimension
from services.complaints.caseload.repository import After, Asked
from services.complaints.caseload.schemas import (
    AgeingBody,
    AgeingRow,
    BreakdownBody,
    BreakdownRow,
    CountedCase,
)
from services.complaints.cases.domain import CaseId, case_number
from shared.calendar import Period
from shared.fields import Instant
from shared.pagination import Page, cut, not_a_cursor

_Serial = Annotated[int, Field(ge=0, lt=2**63)]
_Nth = Annotated[int, Field(ge=0, lt=2**31)]
_CURSOR: Final[TypeAdapter[After]] = TypeAdapter(tuple[Instant, _Serial, _Nth])


async def breakdown(session: AsyncSession, by: Dimension, period: Period) -> BreakdownBody:
    rows = await repository.breakdown(session, by, period)
    told = [BreakdownRow.model_validate(dict(row._mapping)) for row in rows]  # noqa: SLF001 - public
    return BreakdownBody(period=str(period), by=by, rows=told)


async def counted(
    session: AsyncSession, asked: Asked, page: Page
) -> tuple[list[CountedCase], str | None]:
    """The cases that a number of the breakdown counts; one reopened twice is there twice."""
    rows = await repository.counted(session, asked, _after(asked, page), page.limit + 1)
    shown, following = cut(rows, page, lambda row: [row.at.isoformat(), row.id, row.nth])
    numbered = (
        {**row._mapping, "number": case_number(CaseId(row.year, row.id))}  # noqa: SLF001 - public
        for row in shown
    )
    return [CountedCase.model_validate(row) for row in numbered], following


def _after(asked: Asked, page: Page) -> After:
    try:
        if page.after is None:
            return asked.period.start_at, 0, 0
        return _CURSOR.validate_python(page.after)
    except ValidationError:
        raise not_a_cursor() from None


async def ageing(session: AsyncSession, by: Dimension, now: datetime) -> AgeingBody:
    rows = await repository.ageing(session, by, now)
    told = [AgeingRow.model_validate(dict(row._mapping)) for row in rows]  # noqa: SLF001 - public
    return AgeingBody(as_of=now, by=by, rows=told)
