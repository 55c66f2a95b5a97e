"""Use cases of one-time codes: issue one, use one, set a password by one."""

import uuid
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.enrolments import domain, repository
from services.gateway.enrolments.domain import Purpose
from services.gateway.enrolments.errors import CodeRefused
from services.gateway.enrolments.models import Enrolment
from services.gateway.enrolments.schemas import IssuedCode, NewPassword
from services.gateway.partners import service as partners
from services.gateway.people import People
from services.gateway.roles.domain import ROLES
from services.gateway.sessions import service as sessions
from services.gateway.staff import events
from services.gateway.staff import repository as staff
from services.gateway.staff.domain import folded_password, password_fault
from services.gateway.staff.errors import NoSuchSignIn, NotOneself, not_found
from services.gateway.staff.service import state_of
from services.gateway.throttles import service as throttles
from shared.auth import Caller
from shared.errors import Invalid


async def issue(
    session: AsyncSession,
    account_id: uuid.UUID,
    purpose: Purpose,
    caller: Caller,
    pepper: bytes,
    now: datetime,
) -> IssuedCode:
    """A code to be handed over. Who works at an office issues it for that office's people only."""
    if caller.id == str(account_id):
        raise NotOneself("another has to issue a code for you")
    found = await staff.find(session, account_id, office=caller.office, lock=True)
    if found is None:
        raise not_found()
    member, partner = found
    if ROLES[member.role].sign_in != purpose:
        raise NoSuchSignIn(f"a {member.role} does not sign in by {purpose}")
    await repository.end_open(session, account_id, purpose, now)
    code = domain.new_code()
    made = Enrolment(
        account_id=account_id,
        purpose=purpose,
        digest=domain.digest(pepper, purpose, code),
        issued_by=caller.id,
        issued_at=now,
        expires_at=now + domain.VALID_FOR[purpose],
    )
    session.add(made)
    await session.flush()
    await partners.equipped(session, account_id, caller.id, now)
    told = state_of(member, partner.office, caller.id, purpose=purpose)
    await events.tell(session, events.CODE_ISSUED, told, now)
    return IssuedCode(purpose=purpose, code=code, expires_at=made.expires_at)


async def use(
    session: AsyncSession, pepper: bytes, purpose: Purpose, code: str, now: datetime
) -> tuple[uuid.UUID, str]:
    """Whose code it is, and who issued it; CodeRefused if it is unknown, used or expired."""
    found = await repository.use(session, domain.digest(pepper, purpose, code), purpose, now)
    if found is None:
        raise CodeRefused("the code is wrong, used, or has expired: ask for another")
    return found


async def set_password(people: People, new: NewPassword, address: str, now: datetime) -> None:
    """Set a password by a code. All sessions of the account end, and a lock is lifted."""
    await throttles.take(people.database, people.pepper, "enrolment_from_address", address, now)
    hashed = await people.hasher.hash(folded_password(new.password))
    async with people.database.transaction() as session:
        account_id, by = await use(session, people.pepper, "password", new.code, now)
        found = await staff.find(session, account_id, lock=True)
        if found is None:
            raise not_found()
        member, partner = found
        if fault := password_fault(new.password, member.login):
            raise Invalid.field("body.password", fault)
        member.password_hash = hashed
        member.failures, member.locked_until, member.updated_at = 0, None, now
        await session.flush()
        await sessions.end_all(session, account_id, "credentials_changed", now)
        told = state_of(member, partner.office, str(account_id), purpose=f"code of {by}")
        await events.tell(session, events.PASSWORD_SET, told, now)
