"""Use cases of accounts: open, read, change, suspend, reopen, close; whom to ask about them."""

import uuid
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.partners import domain, events, repository
from services.gateway.partners.domain import Kind, Status
from services.gateway.partners.errors import PartnerClosed, PartnerNotFound
from services.gateway.partners.models import Partner, PartnerContact
from services.gateway.partners.schemas import (
    Contact,
    Contacts,
    KeyBody,
    NewPartner,
    PartnerBody,
    PartnerChanges,
    PartnerDetail,
)
from shared import idempotency
from shared.auth import Caller
from shared.errors import Invalid
from shared.idempotency import Answer, Once
from shared.pagination import Page, cut


async def create_partner(
    session: AsyncSession, new: NewPartner, now: datetime, *, by: str | None = None
) -> Partner:
    """Open an account; it can do nothing until it is given a key."""
    if new.office is not None and new.kind != "staff":
        raise Invalid.field("body.office", "only a staff account works at an office")
    partner = Partner(**new.model_dump(), status="active", created_at=now, updated_at=now)
    session.add(partner)
    await session.flush()
    await equipped(session, partner.id, by, now)
    await events.tell_partner(session, "opened", partner, by, now)
    return partner


async def open_account(
    session: AsyncSession, new: NewPartner, by: Caller, once: Once | None, now: datetime
) -> Answer:
    """The same for who asks over HTTP, and may ask again."""

    async def make() -> tuple[str, PartnerBody]:
        partner = await create_partner(session, new, now, by=by.id)
        return f"/v1/partners/{partner.id}", PartnerBody.model_validate(partner)

    return await idempotency.created(session, once, make)


async def list_partners(
    session: AsyncSession, page: Page, kind: Kind | None = None, status: Status | None = None
) -> tuple[list[Partner], str | None]:
    rows = await repository.page(
        session, page.after_uuid(), page.limit + 1, kind=kind, status=status
    )
    return cut(rows, page, lambda partner: [str(partner.id)])


async def get_partner(session: AsyncSession, partner_id: uuid.UUID) -> PartnerDetail:
    partner = await found(session, partner_id)
    keys = await repository.keys(session, partner_id)
    known = PartnerBody.model_validate(partner).model_dump()
    return PartnerDetail(**known, keys=[KeyBody.model_validate(key) for key in keys])


async def change_partner(
    session: AsyncSession,
    partner_id: uuid.UUID,
    changes: PartnerChanges,
    now: datetime,
    *,
    by: str | None = None,
) -> Partner:
    """What it may book and how much is in force within seconds, in every process."""
    partner = await locked(session, partner_id)
    for name, value in changes.model_dump(exclude_unset=True).items():
        setattr(partner, name, value)
    partner.updated_at = now
    await session.flush()
    await events.tell_partner(session, "changed", partner, by, now)
    return partner


async def set_status(
    session: AsyncSession,
    partner_id: uuid.UUID,
    status: Status,
    now: datetime,
    *,
    by: str | None = None,
) -> Partner:
    """Suspend an account, which stops its credentials within seconds, reopen it, or close it."""
    partner = await found(session, partner_id, lock=True)
    if faults := domain.change_faults(partner.status, status):
        raise PartnerClosed(faults[0])
    if partner.status != status:
        partner.status = status
        partner.updated_at = now
        await session.flush()
        await events.tell_partner(session, events.BY_STATUS[status], partner, by, now)
    return partner


async def get_contacts(session: AsyncSession, partner_id: uuid.UUID) -> Contacts:
    await found(session, partner_id)
    rows = await repository.contacts(session, partner_id)
    return Contacts(contacts=[Contact.model_validate(row) for row in rows])


async def set_contacts(
    session: AsyncSession,
    partner_id: uuid.UUID,
    wanted: Contacts,
    now: datetime,
    *,
    by: str | None = None,
) -> Contacts:
    """Those who were known before are erased; that they changed is told, not to whom."""
    partner = await locked(session, partner_id)
    rows = [
        PartnerContact(partner_id=partner_id, number=number, **contact.model_dump())
        for number, contact in enumerate(wanted.contacts, 1)
    ]
    await repository.replace_contacts(session, partner_id, rows)
    partner.updated_at = now
    await session.flush()
    await events.tell_partner(session, "changed", partner, by, now)
    return wanted


async def equipped(
    session: AsyncSession, account: uuid.UUID, by: str | None, now: datetime
) -> None:
    """Note who opened an account, or held what one gets in by; not the terminal, nor oneself."""
    if by is None or by == str(account):
        return
    try:
        hand = uuid.UUID(by)
    except ValueError:
        return  # a service's name: whoever is at the terminal has the database itself
    await repository.note_equipper(session, account, hand, now)


async def are_two_persons(session: AsyncSession, one: uuid.UUID, other: uuid.UUID) -> bool:
    """Whether nobody with an account could be both: no account is behind the one and the other."""
    return not await repository.line(session, one) & await repository.line(session, other)


async def found(session: AsyncSession, partner_id: uuid.UUID, *, lock: bool = False) -> Partner:
    """PartnerNotFound where there is none."""
    partner = await repository.find(session, partner_id, lock=lock)
    if partner is None:
        raise PartnerNotFound("there is no account with this id")
    return partner


async def locked(session: AsyncSession, partner_id: uuid.UUID) -> Partner:
    """The same for a change, which a closed account no longer takes."""
    partner = await found(session, partner_id, lock=True)
    if partner.status == "closed":
        raise PartnerClosed("a closed account is not changed any more")
    return partner
