"""All SQL of accounts and keys. Who may see them is decided by the scope alone: staff's."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.partners.models import Partner, PartnerKey


async def find(
    session: AsyncSession, partner_id: uuid.UUID, *, lock: bool = False
) -> Partner | None:
    return await session.get(Partner, partner_id, with_for_update=lock or None)


async def page(session: AsyncSession, after: uuid.UUID | None, rows: int) -> Sequence[Partner]:
    """Accounts in the order they were opened."""
    query = select(Partner).order_by(Partner.id).limit(rows)
    if after is not None:
        query = query.where(Partner.id > after)
    return (await session.scalars(query)).all()


async def keys(session: AsyncSession, partner_id: uuid.UUID) -> Sequence[PartnerKey]:
    """The newest keys of an account, revoked ones too; at most 200."""
    query = (
        select(PartnerKey)
        .where(PartnerKey.partner_id == partner_id)
        .order_by(PartnerKey.id.desc())
        .limit(200)
    )
    return (await session.scalars(query)).all()


async def keys_in_force(session: AsyncSession, partner_id: uuid.UUID) -> int:
    query = select(func.count()).where(
        PartnerKey.partner_id == partner_id, PartnerKey.revoked_at.is_(None)
    )
    return (await session.execute(query)).scalar_one()


async def revoke(
    session: AsyncSession, partner_id: uuid.UUID, key_id: uuid.UUID, now: datetime
) -> bool:
    """False when the account has no such key; a second time changes nothing."""
    changed = await session.execute(
        update(PartnerKey)
        .where(PartnerKey.id == key_id, PartnerKey.partner_id == partner_id)
        .values(revoked_at=func.coalesce(PartnerKey.revoked_at, now))
        .returning(PartnerKey.id)
    )
    return changed.first() is not None
