"""Use cases: what happened to cases in a period, and how old the open ones are."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.caseload import repository
from services.complaints.caseload.domain import Dimension
from services.complaints.caseload.schemas import (
    AgeingBody,
    AgeingRow,
    BreakdownBody,
    BreakdownRow,
)
from shared.calendar import Period


async def breakdown(session: AsyncSession, by: Dimension, period: Period) -> BreakdownBody:
    rows = await repository.breakdown(session, by, period)
    told = [BreakdownRow.model_validate(dict(row._mapping)) for row in rows]  # noqa: SLF001 - public
    return BreakdownBody(period=str(period), by=by, rows=told)


async def ageing(session: AsyncSession, by: Dimension, now: datetime) -> AgeingBody:
    rows = await repository.ageing(session, by, now)
    told = [AgeingRow.model_validate(dict(row._mapping)) for row in rows]  # noqa: SLF001 - public
    return AgeingBody(as_of=now, by=by, rows=told)
