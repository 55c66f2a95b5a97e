"""Use cases of sessions: open, read, end; and who a token speaks for, on every request."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession
from typing_extensions import override

from services.gateway.sessions import domain, repository
from services.gateway.sessions.domain import EndReason, Lifetime, SessionKind
from services.gateway.sessions.errors import NoSession, SessionOver
from services.gateway.sessions.models import LoginSession
from services.gateway.sessions.schemas import Me, SessionBody, SessionsBody
from services.gateway.tokens.errors import KeyRefused
from services.gateway.tokens.origin import Origin
from services.gateway.tokens.repository import Holder
from services.gateway.tokens.service import Keyring, Ref
from shared.auth import Caller, World
from shared.clock import Clock
from shared.database import Database

KEPT: Final = timedelta(days=90)
FORGET_ROWS: Final = 2_000


class SessionRing(Keyring):
    """Authenticates sessions in one process, as the keyring does API keys.

    An ended session is refused within seconds everywhere; while the database is away, one that was
    open serves on to its expiry, an hour at most.
    """

    def __init__(
        self,
        database: Database,
        pepper: bytes,
        clock: Clock,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(database, pepper, monotonic, clock=clock)

    @override
    def _digest(self, authorization: bytes) -> bytes:
        scheme, _, token = authorization.decode("latin-1").partition(" ")
        if scheme.lower() != "bearer" or not domain.is_token(token):
            raise SessionOver("this is no session's token: sign in")
        return domain.digest(self._pepper, token)

    @override
    async def _lookup(self, ref: Ref) -> Holder | None:
        assert isinstance(ref, bytes)  # noqa: S101 - what `_digest` made
        return await repository.holder(self._database, ref, self._clock.now())

    @override
    async def caller(self, authorization: bytes, origin: Origin | None = None) -> Caller:
        try:
            return await super().caller(authorization, origin)
        except KeyRefused:
            raise SessionOver("the session is over: sign in again") from None


@dataclass(frozen=True, slots=True)
class Opening:
    """What a session is opened for; `strong`: its second factor, or its device's PIN, was given."""

    kind: SessionKind
    account_id: uuid.UUID
    lifetime: Lifetime
    world: World = "live"
    device_id: uuid.UUID | None = None
    strong: bool = False


async def open_session(
    session: AsyncSession, asked: Opening, pepper: bytes, now: datetime
) -> tuple[LoginSession, str]:
    """The session and its token, which is kept nowhere."""
    token = domain.new_token()
    made = LoginSession(
        digest=domain.digest(pepper, token),
        kind=asked.kind,
        account_id=asked.account_id,
        device_id=asked.device_id,
        world=asked.world,
        strong=asked.strong,
        idle_s=int(asked.lifetime.idle.total_seconds()),
        created_at=now,
        seen_at=now,
        expires_at=now + asked.lifetime.absolute,
    )
    session.add(made)
    await session.flush()
    await repository.end_beyond(session, asked.account_id, domain.SESSIONS_MAX, now)
    return made, token


async def end_all(
    session: AsyncSession, account_id: uuid.UUID, reason: EndReason, now: datetime
) -> int:
    return await repository.end_of_account(session, account_id, now, reason)


async def end_of_device(session: AsyncSession, device_id: uuid.UUID, now: datetime) -> int:
    return await repository.end_of_device(session, device_id, now, "credentials_changed")


async def strengthen(session: AsyncSession, caller: Caller) -> None:
    """The caller's session has given its second factor."""
    await repository.strengthen(session, session_of(caller))


async def end_current(session: AsyncSession, caller: Caller, now: datetime) -> None:
    await repository.end_one(session, caller.account, session_of(caller), now)


async def end_one(
    session: AsyncSession, session_id: uuid.UUID, caller: Caller, now: datetime
) -> None:
    """One's own, on another machine; NoSession for one that is over or another's."""
    if not await repository.end_one(session, caller.account, session_id, now):
        raise NoSession("you have no open session with this id")


async def end_own(session: AsyncSession, caller: Caller, now: datetime) -> int:
    return await end_all(session, caller.account, "signed_out_everywhere", now)


async def list_own(session: AsyncSession, caller: Caller) -> SessionsBody:
    found = await repository.of_account(session, caller.account)
    return SessionsBody(items=[SessionBody.model_validate(one) for one in found])


def me(caller: Caller) -> Me:
    return Me(
        id=caller.id,
        kind=caller.kind,
        world=caller.world,
        office=caller.office,
        phone=caller.phone,
        session=caller.session,
        scopes=sorted(caller.scopes),
    )


def session_of(caller: Caller) -> uuid.UUID:
    if caller.session is None:
        raise SessionOver("this is for who has signed in")
    return uuid.UUID(caller.session)


async def forget(session: AsyncSession, now: datetime) -> int:
    """Erase what expired long ago; how many, FORGET_ROWS at most."""
    return await repository.forget(session, now - KEPT, FORGET_ROWS)
