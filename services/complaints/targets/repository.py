"""SQL of targets."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.targets.errors import TargetsNotFound
from services.complaints.targets.models import SlaVersion


async def find(session: AsyncSession, code: str, *, lock: bool = False) -> SlaVersion | None:
    query = select(SlaVersion).where(SlaVersion.code == code)
    return await session.scalar(query.with_for_update() if lock else query)


async def get(session: AsyncSession, code: str, *, lock: bool = False) -> SlaVersion:
    found = await find(session, code, lock=lock)
    if found is None:
        raise TargetsNotFound(f"there are no targets {code}")
    return found


async def by_id(session: AsyncSession, version: int) -> SlaVersion:
    return await session.get_one(SlaVersion, version)


async def in_force(session: AsyncSession, day: date) -> SlaVersion | None:
    """On a day; None: nobody has set any for so early a day."""
    query = (
        select(SlaVersion)
        .where(SlaVersion.valid_from <= day, SlaVersion.withdrawn_at.is_(None))
        .order_by(SlaVersion.valid_from.desc(), SlaVersion.id.desc())
        .limit(1)
    )
    return await session.scalar(query)


async def newest(
    session: AsyncSession, before: tuple[date, int] | None, limit: int
) -> Sequence[SlaVersion]:
    """By the day from which they hold, the newest first."""
    key = (SlaVersion.valid_from, SlaVersion.id)
    query = select(SlaVersion).order_by(*(column.desc() for column in key)).limit(limit)
    if before is not None:
        query = query.where(tuple_(*key) < tuple_(*before))
    return (await session.scalars(query)).all()
