"""SQL of assignment."""

from collections.abc import Collection, Sequence
from typing import Any, cast

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.assignment.domain import Candidate, Level
from services.complaints.assignment.models import Assignment, Officer, Watcher
from services.complaints.cases.models import Case


async def candidates(
    session: AsyncSession, office: str | None, county: str | None
) -> list[Candidate]:
    """Who handles cases of an office, of its county or of the province."""
    near = [Officer.level == "province"]
    if office is not None:  # compared to None it would be IS NULL: every other level's
        near.append(Officer.office == office)
    if county is not None:
        near.append(Officer.county == county)
    query = select(Officer.account, Officer.level).where(Officer.active, or_(*near))
    rows = (await session.execute(query)).all()
    return [Candidate(account, cast("Level", level)) for account, level in rows]


async def lock(session: AsyncSession, accounts: Collection[str]) -> list[str]:
    """Those that are still active, locked in their order: cases are dealt out one at a time."""
    query = (
        select(Officer.account)
        .where(Officer.account.in_(accounts), Officer.active)
        .order_by(Officer.account)
        .with_for_update(key_share=True)
    )
    return list((await session.execute(query)).scalars())


async def open_cases(session: AsyncSession, accounts: Collection[str]) -> dict[str, int]:
    query = (
        select(Case.officer, func.count())
        .where(Case.officer.in_(accounts), Case.status != "closed")
        .group_by(Case.officer)
    )
    return {officer or "": count for officer, count in (await session.execute(query)).all()}


async def officer(session: AsyncSession, account: str, *, lock: bool = False) -> Officer | None:
    query = select(Officer).where(Officer.account == account)
    if lock:
        query = query.with_for_update()
    return (await session.execute(query)).scalar_one_or_none()


async def begin(session: AsyncSession, officer: dict[str, Any]) -> bool:
    """Insert, unless somebody has done it; whether it was us."""
    sql = insert(Officer).values(officer).on_conflict_do_nothing().returning(Officer.account)
    return (await session.execute(sql)).scalar_one_or_none() is not None


async def officers(session: AsyncSession, after: str | None, limit: int) -> Sequence[Officer]:
    query = select(Officer).order_by(Officer.account).limit(limit)
    if after is not None:
        query = query.where(Officer.account > after)
    return (await session.execute(query)).scalars().all()


async def assignments(session: AsyncSession, case_id: int) -> Sequence[Assignment]:
    query = select(Assignment).where(Assignment.case_id == case_id).order_by(Assignment.nth)
    return (await session.execute(query)).scalars().all()


async def watchers(session: AsyncSession, case_id: int) -> Sequence[Watcher]:
    query = select(Watcher).where(Watcher.case_id == case_id).order_by(Watcher.account)
    return (await session.execute(query)).scalars().all()


async def watched(
    session: AsyncSession, account: str, before: int | None, limit: int
) -> Sequence[Case]:
    """The newest first."""
    own = select(Watcher.case_id).where(Watcher.account == account)
    query = select(Case).where(Case.id.in_(own)).order_by(Case.id.desc()).limit(limit)
    if before is not None:
        query = query.where(Case.id < before)
    return (await session.execute(query)).scalars().all()


async def open_of(session: AsyncSession, account: str, limit: int) -> Sequence[int]:
    """The oldest open cases of an officer."""
    query = (
        select(Case.id)
        .where(Case.officer == account, Case.status != "closed")
        .order_by(Case.id)
        .limit(limit)
    )
    return (await session.execute(query)).scalars().all()
