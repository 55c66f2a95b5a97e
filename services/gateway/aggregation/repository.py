"""SQL of the province's report: who booked."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.partners.models import Partner


async def kinds(session: AsyncSession, accounts: Collection[UUID]) -> dict[str, int]:
    """How many of these accounts are of which kind."""
    found = await session.execute(
        select(Partner.kind, func.count().label("accounts"))
        .where(Partner.id.in_(accounts))
        .group_by(Partner.kind)
    )
    return {row.kind: row.accounts for row in found}


async def accounts(session: AsyncSession, ids: Collection[UUID]) -> Sequence[Partner]:
    query = select(Partner).where(Partner.id.in_(ids)).order_by(Partner.name, Partner.id)
    return (await session.scalars(query)).all()
