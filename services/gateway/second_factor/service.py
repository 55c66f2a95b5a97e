"""Use cases of one's second factor: begin one, confirm it; check a code at sign-in."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.second_factor import domain, repository
from services.gateway.second_factor.errors import CodeWrong, FactorNotBegun, FactorSet
from services.gateway.second_factor.schemas import FactorBegun
from services.gateway.sessions import service as sessions
from services.gateway.staff import events
from services.gateway.staff import repository as staff
from services.gateway.staff.errors import NoSuchSignIn, not_found
from services.gateway.staff.models import StaffMember
from services.gateway.staff.repository import Found
from services.gateway.staff.service import state_of
from shared.auth import Caller


async def begin(session: AsyncSession, caller: Caller, pepper: bytes, now: datetime) -> FactorBegun:
    """A fresh secret, in force once a code of it came back. Begun again, the first is void."""
    member, _ = await _own(session, caller)
    if member.totp_confirmed_at is not None:
        raise FactorSet("an administrator has to reset the old one first")
    if member.password_hash is None:
        raise NoSuchSignIn("this role signs in by a device and its PIN")
    secret = domain.new_secret()
    member.totp_secret, member.updated_at = domain.seal(pepper, secret), now
    await session.flush()
    return FactorBegun(secret=secret, uri=domain.uri(secret, member.login))


async def confirm(
    session: AsyncSession, caller: Caller, code: str, pepper: bytes, now: datetime
) -> None:
    """The app shows the right codes: from now on each sign-in asks for one. This session is strong.

    Wrong codes are not counted: who guesses here guesses a secret that this session was told.
    """
    member, partner = await _own(session, caller)
    if member.totp_secret is None or member.totp_confirmed_at is not None:
        raise FactorNotBegun("begin a second factor first")
    if not await accepts(session, member, code, pepper, now):
        raise CodeWrong("the code is wrong or was used: wait for the next, check the phone's clock")
    member.totp_confirmed_at = member.updated_at = now
    await session.flush()
    await sessions.strengthen(session, caller)
    told = state_of(member, partner.office, caller.id)
    await events.tell(session, events.FACTOR_SET, told, now)


async def accepts(
    session: AsyncSession, member: StaffMember, code: str, pepper: bytes, now: datetime
) -> bool:
    """Whether it is a code of now; each is accepted once (RFC 6238, 5.2)."""
    if member.totp_secret is None:
        return False
    step = domain.step_of(domain.unseal(pepper, member.totp_secret), code, now)
    return step is not None and await repository.spend(session, member.account_id, step)


async def _own(session: AsyncSession, caller: Caller) -> Found:
    found = await staff.find(session, caller.account, lock=True)
    if found is None:
        raise not_found()
    return found
