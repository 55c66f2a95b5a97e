"""Use cases of who manages staff: open, read, change; end sessions, take a second factor away."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.partners import service as partners
from services.gateway.partners.models import Partner
from services.gateway.partners.repository import find as find_partner
from services.gateway.partners.schemas import NewPartner
from services.gateway.roles.domain import ROLES, RoleName
from services.gateway.sessions import service as sessions
from services.gateway.sessions.schemas import Ended
from services.gateway.staff import domain, events, repository
from services.gateway.staff.errors import LoginTaken, NotOneself, not_found
from services.gateway.staff.events import StaffState
from services.gateway.staff.models import StaffMember
from services.gateway.staff.repository import Found
from services.gateway.staff.schemas import NewStaff, StaffBody, StaffChange
from shared import idempotency
from shared.auth import Caller
from shared.errors import Forbidden, Invalid
from shared.idempotency import Answer, Once
from shared.pagination import Page, cut


async def create(session: AsyncSession, new: NewStaff, by: str, now: datetime) -> StaffBody:
    """Open an account; `by` is whose doing it is. It signs in after a code was used."""
    if fault := domain.office_fault(ROLES[new.role], new.office):
        raise Invalid.field("body.office", fault)
    await _check_partner(session, new)
    if await repository.login_taken(session, new.login):
        raise LoginTaken(f"{new.login} is taken: choose another login")
    known = new.model_dump(exclude={"login", "role", "partner"})
    partner = await partners.create_partner(session, NewPartner(kind="staff", **known), now, by=by)
    member = StaffMember(
        account_id=partner.id,
        login=new.login,
        role=new.role,
        partner_id=new.partner,
        failures=0,
        created_at=now,
        updated_at=now,
    )
    session.add(member)
    await session.flush()
    await events.tell(session, events.CREATED, state_of(member, partner.office, by), now)
    return body_of(member, partner)


async def open_account(
    session: AsyncSession, new: NewStaff, by: Caller, once: Once | None, now: datetime
) -> Answer:
    """The same for who asks over HTTP, and may ask again."""

    async def make() -> tuple[str, StaffBody]:
        made = await create(session, new, by.id, now)
        return f"/v1/staff/{made.id}", made

    return await idempotency.created(session, once, make)


async def get(session: AsyncSession, account_id: uuid.UUID) -> StaffBody:
    return body_of(*await _found(session, account_id))


async def list_staff(
    session: AsyncSession, page: Page, office: str | None, role: RoleName | None
) -> tuple[list[StaffBody], str | None]:
    rows = await repository.page(
        session, page.after_uuid(), page.limit + 1, office=office, role=role
    )
    shown, following = cut(rows, page, lambda row: [str(row[0].account_id)])
    return [body_of(*row) for row in shown], following


async def change(
    session: AsyncSession, account_id: uuid.UUID, to: StaffChange, caller: Caller, now: datetime
) -> StaffBody:
    """Another role or office; the account signs in anew to have it. Nobody raises themselves."""
    if caller.id == str(account_id):
        raise NotOneself("your role is for another administrator to change")
    if fault := domain.office_fault(ROLES[to.role], to.office):
        raise Invalid.field("body.office", fault)
    member, partner = await _found(session, account_id, lock=True)
    if ROLES[to.role].of_partner != ROLES[member.role].of_partner:
        raise Invalid.field("body.role", "a partner's people and staff: open another account")
    if (member.role, partner.office) != (to.role, to.office):
        member.role, partner.office = to.role, to.office
        member.updated_at = partner.updated_at = now
        await session.flush()
        await sessions.end_all(session, account_id, "credentials_changed", now)
        told = state_of(member, partner.office, caller.id)
        await events.tell(session, events.CHANGED, told, now)
    return body_of(member, partner)


async def sign_out(
    session: AsyncSession, account_id: uuid.UUID, caller: Caller, now: datetime
) -> Ended:
    """End every session of a member of staff, as when a phone is lost."""
    member, partner = await _found(session, account_id, lock=True)
    ended = await sessions.end_all(session, account_id, "signed_out_everywhere", now)
    told = state_of(member, partner.office, caller.id, sessions=ended)
    await events.tell(session, events.SIGNED_OUT, told, now)
    return Ended(sessions=ended)


async def reset_factor(
    session: AsyncSession, account_id: uuid.UUID, caller: Caller, now: datetime
) -> StaffBody:
    """Take a lost second factor away: the next sign-in may do nothing but set up a new one."""
    if caller.id == str(account_id):
        raise NotOneself("your second factor is for another administrator to reset")
    member, partner = await _found(session, account_id, lock=True)
    if member.totp_secret is not None:
        member.totp_secret = member.totp_confirmed_at = None
        member.updated_at = now
        await session.flush()
        await sessions.end_all(session, account_id, "credentials_changed", now)
        told = state_of(member, partner.office, caller.id)
        await events.tell(session, events.FACTOR_RESET, told, now)
    return body_of(member, partner)


def state_of(member: StaffMember, office: str | None, by: str, **more: Any) -> StaffState:
    return StaffState(
        account=member.account_id,
        role=member.role,
        office=office,
        partner=member.partner_id,
        by=by,
        **more,
    )


def body_of(member: StaffMember, partner: Any) -> StaffBody:
    return StaffBody(
        id=member.account_id,
        login=member.login,
        name=partner.name,
        role=member.role,
        office=partner.office,
        partner=member.partner_id,
        status=partner.status,
        password_set=member.password_hash is not None,
        second_factor=member.totp_confirmed_at is not None,
        locked_until=member.locked_until,
        created_at=member.created_at,
        updated_at=member.updated_at,
    )


async def acting_for(session: AsyncSession, account_id: uuid.UUID) -> Partner:
    """The account that a person of a partner acts for; Forbidden while it is not active."""
    member, _ = await _found(session, account_id)
    if member.partner_id is None:
        raise Forbidden("this is for people of a partner")
    partner = await partners.found(session, member.partner_id)
    if partner.status != "active":
        raise Forbidden(f"the account {partner.name} is {partner.status}")
    return partner


async def names(session: AsyncSession, accounts: Iterable[str | None]) -> dict[str, str]:
    """What members of staff are called, by the account's id; who is none of them is left out."""
    ids = {uuid.UUID(one) for one in accounts if one is not None and domain.is_account(one)}
    return await repository.names(session, ids) if ids else {}


async def _check_partner(session: AsyncSession, new: NewStaff) -> None:
    if fault := domain.partner_fault(ROLES[new.role], named=new.partner is not None):
        raise Invalid.field("body.partner", fault)
    if new.partner is None:
        return
    partner = await find_partner(session, new.partner)
    if partner is None or partner.kind == "staff" or partner.status == "closed":
        raise Invalid.field("body.partner", "name an open account of a partner, which staff is not")


async def _found(session: AsyncSession, account_id: uuid.UUID, *, lock: bool = False) -> Found:
    found = await repository.find(session, account_id, lock=lock)
    if found is None:
        raise not_found()
    return found
