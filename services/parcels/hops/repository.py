"""SQL of next hops."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.hops.models import NextHop, RoutingVersion

HOPS_LOCK: Final = 0x5053_0023


async def lock(session: AsyncSession) -> None:
    """One new version at a time, until the transaction ends."""
    await session.execute(select(func.pg_advisory_xact_lock(HOPS_LOCK)))


async def newest(session: AsyncSession) -> RoutingVersion | None:
    statement = select(RoutingVersion).order_by(RoutingVersion.version.desc()).limit(1)
    return await session.scalar(statement)


async def exists(session: AsyncSession, version: int) -> bool:
    return await session.get(RoutingVersion, version) is not None


async def listing(
    session: AsyncSession,
    version: int,
    centre: str | None,
    page: tuple[tuple[str, str] | None, int],
) -> Sequence[NextHop]:
    """Of a version, by centre and destination; `page`: after which, and how many."""
    after, limit = page
    key = (NextHop.centre, NextHop.destination)
    statement = select(NextHop).where(NextHop.version == version).order_by(*key).limit(limit)
    if centre is not None:
        statement = statement.where(NextHop.centre == centre)
    if after is not None:
        statement = statement.where(func.row(*key) > func.row(*after))
    return (await session.scalars(statement)).all()
