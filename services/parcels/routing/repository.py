"""SQL of routing: the rules of feeders, and items as far as their way matters."""

from collections.abc import Collection, Sequence
from typing import Any, Final

import asyncpg
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.routing.domain import FeederRule
from services.parcels.routing.models import FeederRuleRow

RULES_LOCK: Final = 0x5053_0021

_ITEMS_SQL: Final = """
SELECT item_id, status, custodian, custodian_id, fold_at, origin_office, to_province, to_town,
    product
FROM parcel WHERE item_id = ANY($1)
"""


async def lock_rules(session: AsyncSession) -> None:
    """One new rule at a time, until the transaction ends."""
    await session.execute(select(func.pg_advisory_xact_lock(RULES_LOCK)))


async def rules(session: AsyncSession) -> list[FeederRule]:
    """In the order of their recording."""
    rows = await session.scalars(select(FeederRuleRow).order_by(FeederRuleRow.id))
    return [_rule(row) for row in rows]


async def rules_count(session: AsyncSession) -> int:
    return await session.scalar(select(func.count(FeederRuleRow.id))) or 0


async def rules_listing(
    session: AsyncSession, office: str | None, after: int | None, limit: int
) -> Sequence[FeederRuleRow]:
    """Newest record first; of an office, if asked."""
    statement = select(FeederRuleRow).order_by(FeederRuleRow.id.desc()).limit(limit)
    if after is not None:
        statement = statement.where(FeederRuleRow.id < after)
    if office is not None:
        statement = statement.where(FeederRuleRow.office == office)
    return (await session.scalars(statement)).all()


def _rule(row: FeederRuleRow) -> FeederRule:
    return FeederRule(
        row.office,
        row.valid_from,
        row.days,
        row.collected_min,
        row.at_centre_min,
        row.sent_out_min,
        row.at_office_min,
        row.round_leaves_min,
        row.round_back_min,
        row.sorting_min,
    )


async def items(connection: asyncpg.Connection | asyncpg.Pool, ids: Collection[int]) -> list[Any]:
    found: list[Any] = await connection.fetch(_ITEMS_SQL, list(ids))
    return found
