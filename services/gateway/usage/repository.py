"""SQL of what accounts asked."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.usage.domain import Cell
from services.gateway.usage.models import UsageDaily
from shared.auth import World
from shared.database import Database

# in one order, so that processes that write at once wait and do not deadlock
_ADD: Final = """
INSERT INTO usage_daily AS u (account, day, world, class, answered, refused_limit, failed)
SELECT account, $1, world, class, answered, refused_limit, failed
FROM unnest($2::uuid[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[])
    AS r (account, world, class, answered, refused_limit, failed)
ORDER BY account, world, class
ON CONFLICT (account, day, world, class) DO UPDATE SET answered = u.answered + excluded.answered,
    refused_limit = u.refused_limit + excluded.refused_limit, failed = u.failed + excluded.failed
"""


async def add(database: Database, day: date, cells: Mapping[Cell, Sequence[int]]) -> None:
    rows = [
        (UUID(account), world, kind, *counts) for (account, world, kind), counts in cells.items()
    ]
    await database.hot.execute(_ADD, day, *map(list, zip(*rows, strict=True)))


async def of_account(
    session: AsyncSession, account: UUID, world: World, days: tuple[date, date]
) -> Sequence[UsageDaily]:
    """The latest day first."""
    found = await session.execute(
        select(UsageDaily)
        .where(
            UsageDaily.account == account,
            UsageDaily.world == world,
            UsageDaily.day.between(*days),
        )
        .order_by(UsageDaily.day.desc(), UsageDaily.class_)
    )
    return found.scalars().all()


async def forget(session: AsyncSession, before: date, limit: int) -> int:
    key = (UsageDaily.account, UsageDaily.day, UsageDaily.world, UsageDaily.class_)
    old = select(*key).where(UsageDaily.day < before).limit(limit)
    gone = delete(UsageDaily).where(tuple_(*key).in_(old)).returning(UsageDaily.account)
    return len((await session.execute(gone)).all())
