"""The use case of signing in with a password, and a code where the account has a second factor."""

from datetime import datetime

from services.gateway.people import People
from services.gateway.roles.domain import ROLES, may_with
from services.gateway.second_factor import service as second_factor
from services.gateway.sessions import service as sessions
from services.gateway.sessions.domain import LIFETIMES
from services.gateway.sessions.schemas import OpenedSession
from services.gateway.sessions.service import Opening
from services.gateway.sign_in import repository
from services.gateway.sign_in.errors import refused
from services.gateway.sign_in.repository import Try
from services.gateway.sign_in.schemas import SignIn
from services.gateway.staff import events
from services.gateway.staff import repository as staff
from services.gateway.staff.domain import folded_login, folded_password
from services.gateway.staff.service import state_of
from services.gateway.throttles import service as throttles


async def sign_in(people: People, asked: SignIn, address: str, now: datetime) -> OpenedSession:
    """A session of the role, or SignInRefused: the same, and as late, for a name nobody has.

    The try is counted before the password is looked at, so that a hundred at once are five tries.
    """
    database = people.database
    await throttles.take(database, people.pepper, "sign_in_from_address", address, now)
    login = folded_login(asked.login)
    tried = await repository.take_try(database, login, now)
    if tried is None:  # what has no row to count in is written all the same: it takes as long
        await throttles.note(database, people.pepper, "sign_in_of_nobody", login, now)
    hashed = tried.password_hash if tried else None
    right = await people.hasher.matches(hashed, folded_password(asked.password))
    opened = await _opened(people, asked, tried, now) if right and tried else None
    if opened is not None:
        return opened
    if tried is not None and tried.last:
        await _tell_locked(people, tried, now)
    raise refused()


async def _opened(people: People, asked: SignIn, tried: Try, now: datetime) -> OpenedSession | None:
    """None where the code is wrong or missing, or where the account may not sign in so."""
    async with people.database.transaction() as session:
        found = await staff.find(session, tried.account_id, lock=True)
        if found is None:
            return None
        member, partner = found
        role = ROLES[member.role]
        if partner.status != "active" or role.sign_in != "password":
            return None
        strong = member.totp_confirmed_at is not None
        if member.password_hash != tried.password_hash:
            return None  # it was changed while this one was looked at
        if strong and not (
            asked.code is not None
            and await second_factor.accepts(session, member, asked.code, people.pepper, now)
        ):
            return None
        member.failures, member.locked_until = 0, None
        opening = Opening(
            "staff", member.account_id, LIFETIMES["password"], asked.world, strong=strong
        )
        made, token = await sessions.open_session(session, opening, people.pepper, now)
        told = state_of(member, partner.office, str(member.account_id))
        await events.tell(session, events.SIGNED_IN, told, now)
    scopes = {"session", "session:staff"} | may_with(role, strong=strong)
    return OpenedSession(
        id=made.id,
        token=token,
        expires_at=made.expires_at,
        idle_s=made.idle_s,
        scopes=sorted(scopes),
        next="second_factor" if role.second_factor and not strong else None,
    )


async def _tell_locked(people: People, tried: Try, now: datetime) -> None:
    async with people.database.transaction() as session:
        found = await staff.find(session, tried.account_id)
        if found is None:
            return
        member, partner = found
        if member.locked_until is not None:  # a right one may have come in between
            told = state_of(member, partner.office, "nobody")
            await events.tell(session, events.LOCKED, told, now)
