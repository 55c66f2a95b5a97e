"""Use cases of accounts: open, read, suspend, reopen; give out a key and revoke it."""

import uuid
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.partners import domain, repository
from services.gateway.partners.domain import Status
from services.gateway.partners.errors import KeyNotFound, PartnerNotFound, TooManyKeys
from services.gateway.partners.models import Partner, PartnerKey
from services.gateway.partners.schemas import (
    IssuedKey,
    KeyBody,
    NewKey,
    NewPartner,
    PartnerBody,
    PartnerDetail,
)
from shared.errors import Invalid
from shared.pagination import Page, cut


async def create_partner(session: AsyncSession, new: NewPartner, now: datetime) -> Partner:
    """Open an account; it can do nothing until it is given a key."""
    if new.office is not None and new.kind != "staff":
        raise Invalid.field("body.office", "only a staff account works at an office")
    partner = Partner(**new.model_dump(), status="active", created_at=now, updated_at=now)
    session.add(partner)
    await session.flush()
    return partner


async def create_key(
    session: AsyncSession, partner_id: uuid.UUID, new: NewKey, pepper: bytes, now: datetime
) -> IssuedKey:
    """Give an account a key. The key is in this answer and nowhere else."""
    partner = await _locked(session, partner_id)
    if faults := domain.scope_faults(partner.kind, new.scopes):
        raise Invalid.field("body.scopes", "; ".join(faults))
    if await repository.keys_in_force(session, partner_id) >= domain.KEYS_MAX:
        raise TooManyKeys(f"revoke one first; at most {domain.KEYS_MAX} may be in force")
    key = domain.new_key(new.world)
    row = PartnerKey(
        partner_id=partner_id,
        label=new.label,
        prefix=key[: domain.PREFIX_LENGTH],
        digest=domain.digest(pepper, key),
        world=new.world,
        scopes=sorted(set(new.scopes)),
        created_at=now,
    )
    session.add(row)
    await session.flush()
    return IssuedKey(**KeyBody.model_validate(row).model_dump(), key=key)


async def list_partners(session: AsyncSession, page: Page) -> tuple[list[Partner], str | None]:
    rows = await repository.page(session, page.after_uuid(), page.limit + 1)
    return cut(rows, page, lambda partner: [str(partner.id)])


async def get_partner(session: AsyncSession, partner_id: uuid.UUID) -> PartnerDetail:
    partner = await repository.find(session, partner_id)
    if partner is None:
        raise PartnerNotFound("there is no account with this id")
    keys = await repository.keys(session, partner_id)
    known = PartnerBody.model_validate(partner).model_dump()
    return PartnerDetail(**known, keys=[KeyBody.model_validate(key) for key in keys])


async def set_status(
    session: AsyncSession, partner_id: uuid.UUID, status: Status, now: datetime
) -> Partner:
    """Suspend an account, which stops its keys within seconds, or reopen it."""
    partner = await _locked(session, partner_id)
    if partner.status != status:
        partner.status = status
        partner.updated_at = now
        await session.flush()
    return partner


async def revoke_key(
    session: AsyncSession, partner_id: uuid.UUID, key_id: uuid.UUID, now: datetime
) -> None:
    """The key is refused within seconds, in every process."""
    if not await repository.revoke(session, partner_id, key_id, now):
        raise KeyNotFound("this account has no key with this id")


async def _locked(session: AsyncSession, partner_id: uuid.UUID) -> Partner:
    partner = await repository.find(session, partner_id, lock=True)
    if partner is None:
        raise PartnerNotFound("there is no account with this id")
    return partner
