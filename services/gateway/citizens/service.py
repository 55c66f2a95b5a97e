"""Use cases of citizens: a code to a phone, a short session for whoever reads it there."""

import asyncio
import hmac
import uuid
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.citizens import domain, repository
from services.gateway.citizens.errors import CarrierAway, CodeRefused
from services.gateway.citizens.models import OneTimeCode
from services.gateway.citizens.schemas import CitizenSignIn, CodeSent
from services.gateway.people import People
from services.gateway.sessions import service as sessions
from services.gateway.sessions.domain import LIFETIMES
from services.gateway.sessions.schemas import OpenedSession
from services.gateway.sessions.service import Opening
from services.gateway.throttles import service as throttles
from shared.sms import Outgoing, ProviderAwayError, RefusedByProviderError

log = structlog.get_logger(__name__)

FORGET_ROWS: Final = 5_000


async def send_code(people: People, phone: str, address: str, now: datetime) -> CodeSent:
    """Send a code; only the newest one of a phone counts. No transaction is open meanwhile."""
    if people.sender is None:
        raise CarrierAway("this installation carries no text messages: set SUSA_GATEWAY_SMS")
    await throttles.take(people.database, people.pepper, "code_from_address", address, now)
    await throttles.take(people.database, people.pepper, "code_to_phone", phone, now)
    code = domain.new_code()
    async with people.database.transaction() as session:
        made = OneTimeCode(
            phone_key=domain.phone_key(people.pepper, phone),
            digest=domain.digest(people.pepper, phone, code),
            attempts=0,
            created_at=now,
            expires_at=now + domain.VALID_FOR,
        )
        session.add(made)
        await session.flush()
    await _send(people, Outgoing(made.id, phone, domain.words(code)))
    return CodeSent(expires_at=made.expires_at)


async def _send(people: People, message: Outgoing) -> None:
    if people.sender is None:
        return
    try:
        async with asyncio.timeout(domain.SEND_TIMEOUT_S):
            await people.sender.send(message)
    except (
        RefusedByProviderError,
        ProviderAwayError,
        OSError,
    ) as error:  # a time-out is an OSError
        log.warning("code_not_sent", error=str(error)[:200] or type(error).__name__)
        raise CarrierAway(
            "the message could not be handed over; try again in a minute",
            headers={"Retry-After": "60"},
        ) from None


async def sign_in(
    people: People, asked: CitizenSignIn, address: str, now: datetime
) -> OpenedSession:
    """A short session bound to the phone. Each try is counted before the code is looked at."""
    database, pepper = people.database, people.pepper
    await throttles.take(database, pepper, "citizen_from_address", address, now)
    tried = await repository.take_try(database, domain.phone_key(pepper, asked.phone), now)
    given = domain.digest(pepper, asked.phone, asked.code)
    if tried is None or not hmac.compare_digest(tried.digest, given):
        raise refused()
    async with database.transaction() as session:
        return await _opened(session, asked.phone, tried.code_id, pepper, now)


async def _opened(
    session: AsyncSession, phone: str, code_id: uuid.UUID, pepper: bytes, now: datetime
) -> OpenedSession:
    if not await repository.use(session, code_id, now):
        raise refused()
    citizen = await repository.citizen_of(session, phone, now)
    opening = Opening("citizen", citizen, LIFETIMES["citizen"])
    made, token = await sessions.open_session(session, opening, pepper, now)
    return OpenedSession(
        id=made.id,
        token=token,
        expires_at=made.expires_at,
        idle_s=made.idle_s,
        scopes=["session", "session:citizen"],
        next=None,
    )


def refused() -> CodeRefused:
    """The same for a wrong code, a used one, an expired one, and a phone that asked for none."""
    return CodeRefused(
        "کد نادرست است، به کار رفته، یا مهلتش گذشته است؛ کد تازه بخواهید"
        " (wrong, used, expired, or tried too often: ask for another code)"
    )


async def forget(session: AsyncSession, now: datetime) -> int:
    """Erase codes of days gone by; how many, FORGET_ROWS at most."""
    return await repository.forget(session, now - domain.KEPT, FORGET_ROWS)
