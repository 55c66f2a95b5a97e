"""All SQL of staff, but for the tries of signing in. Which office's one may see is decided here."""

import uuid
from collections.abc import Collection, Sequence

from sqlalchemy import Row, Select, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.partners.models import Partner
from services.gateway.staff.models import StaffMember

Found = Row[StaffMember, Partner]


def _both() -> Select[StaffMember, Partner]:
    return select(StaffMember, Partner).join(Partner, Partner.id == StaffMember.account_id)


async def find(
    session: AsyncSession,
    account_id: uuid.UUID,
    *,
    office: str | None = None,
    lock: bool = False,
) -> Found | None:
    """`office`: only if it works there."""
    query = _both().where(StaffMember.account_id == account_id)
    if office is not None:
        query = query.where(Partner.office == office)
    if lock:
        query = query.with_for_update()
    return (await session.execute(query)).one_or_none()


async def page(
    session: AsyncSession,
    after: uuid.UUID | None,
    rows: int,
    *,
    office: str | None,
    role: str | None,
) -> Sequence[Found]:
    query = _both().order_by(StaffMember.account_id).limit(rows)
    if after is not None:
        query = query.where(StaffMember.account_id > after)
    if office is not None:
        query = query.where(Partner.office == office)
    if role is not None:
        query = query.where(StaffMember.role == role)
    return (await session.execute(query)).all()


async def login_taken(session: AsyncSession, login: str) -> bool:
    """Until the commit nobody else takes it."""
    await session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"),
        {"key": f"staff_member {login}"},
    )
    found = await session.execute(select(StaffMember.login).where(StaffMember.login == login))
    return found.first() is not None


async def names(session: AsyncSession, accounts: Collection[uuid.UUID]) -> dict[str, str]:
    query = (
        select(Partner.id, Partner.name)
        .join(StaffMember, StaffMember.account_id == Partner.id)
        .where(Partner.id.in_(accounts))
    )
    return {str(row.id): row.name for row in await session.execute(query)}
