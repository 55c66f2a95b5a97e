"""All SQL of accounts and credentials. Who may see them the scope alone decides: staff's."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, delete, func, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.partners.domain import Kind, Status
from services.gateway.partners.models import AccountEquipper, Partner, PartnerContact, PartnerKey


async def find(
    session: AsyncSession, partner_id: uuid.UUID, *, lock: bool = False
) -> Partner | None:
    return await session.get(Partner, partner_id, with_for_update=lock or None)


async def page(
    session: AsyncSession,
    after: uuid.UUID | None,
    rows: int,
    *,
    kind: Kind | None = None,
    status: Status | None = None,
) -> Sequence[Partner]:
    """Accounts in the order they were opened."""
    query = select(Partner).order_by(Partner.id).limit(rows)
    if kind is not None:
        query = query.where(Partner.kind == kind)
    if status is not None:
        query = query.where(Partner.status == status)
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


def _in_force(now: datetime) -> ColumnElement[bool]:
    unexpired = or_(PartnerKey.expires_at.is_(None), PartnerKey.expires_at > now)
    return PartnerKey.revoked_at.is_(None) & unexpired


async def keys_in_force(session: AsyncSession, partner_id: uuid.UUID, now: datetime) -> int:
    query = select(func.count()).where(PartnerKey.partner_id == partner_id, _in_force(now))
    return (await session.execute(query)).scalar_one()


async def key(session: AsyncSession, partner_id: uuid.UUID, key_id: uuid.UUID) -> PartnerKey | None:
    """An account's own credential, locked; revoked ones too."""
    query = (
        select(PartnerKey)
        .where(PartnerKey.id == key_id, PartnerKey.partner_id == partner_id)
        .with_for_update()
    )
    return (await session.scalars(query)).one_or_none()


async def note_equipper(
    session: AsyncSession, account: uuid.UUID, by: uuid.UUID, now: datetime
) -> None:
    noted = insert(AccountEquipper).values(account_id=account, by_id=by, first_at=now)
    await session.execute(noted.on_conflict_do_nothing())


_LINE: Final = text("""
WITH RECURSIVE line (id) AS (
    SELECT CAST(:account AS uuid)
    UNION SELECT e.by_id FROM line JOIN account_equipper e ON e.account_id = line.id
) SELECT id FROM line
""")


async def line(session: AsyncSession, account: uuid.UUID) -> set[uuid.UUID]:
    """An account, who equipped it, who equipped those, and so on."""
    return set((await session.execute(_LINE, {"account": account})).scalars())


async def contacts(session: AsyncSession, partner_id: uuid.UUID) -> Sequence[PartnerContact]:
    query = select(PartnerContact).where(PartnerContact.partner_id == partner_id)
    return (await session.scalars(query.order_by(PartnerContact.number))).all()


async def replace_contacts(
    session: AsyncSession, partner_id: uuid.UUID, rows: Sequence[PartnerContact]
) -> None:
    await session.execute(delete(PartnerContact).where(PartnerContact.partner_id == partner_id))
    session.add_all(rows)
    await session.flush()
