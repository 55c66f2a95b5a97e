"""All SQL of sessions: the one statement behind every request of a person, and the few others."""

import asyncio
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.roles.domain import ROLES, may_with
from services.gateway.sessions.domain import EndReason
from services.gateway.sessions.models import LoginSession
from services.gateway.tokens.repository import LOOKUP_TIMEOUT_S, Holder
from shared.auth import Caller
from shared.database import Database

LIST_MAX: Final = 100

_LOOKUP: Final = """
WITH open AS (
    SELECT id, kind, account_id, device_id, world, strong, seen_at, expires_at
    FROM login_session
    WHERE digest = $1 AND ended_at IS NULL AND expires_at > $2
      AND seen_at + make_interval(secs => idle_s) > $2
), seen AS (
    UPDATE login_session s SET seen_at = $2 FROM open
    WHERE s.id = open.id AND open.seen_at < $2 - interval '20 seconds'
)
SELECT open.*, m.role, p.office, p.status, c.phone
FROM open
LEFT JOIN staff_member m ON m.account_id = open.account_id
LEFT JOIN partner p ON p.id = m.account_id
LEFT JOIN citizen c ON c.id = open.account_id
LEFT JOIN device d ON d.id = open.device_id
WHERE d.revoked_at IS NULL AND (open.kind = 'staff') = (m.role IS NOT NULL)
"""


async def holder(database: Database, digest: bytes, now: datetime) -> Holder | None:
    """Of an open session; None for one that is unknown, over, or on a revoked device.

    Marks it as seen, now and then.
    """
    async with asyncio.timeout(LOOKUP_TIMEOUT_S):
        row = await database.hot.fetchrow(_LOOKUP, digest, now)
    if row is None:
        return None
    scopes = {"session", f"session:{row['kind']}"}
    if row["kind"] == "staff":
        role = ROLES.get(row["role"])
        scopes |= may_with(role, strong=row["strong"]) if role else frozenset()
    caller = Caller(
        str(row["account_id"]),
        row["kind"],
        frozenset(scopes),
        row["world"],
        row["office"],
        session=str(row["id"]),
        phone=row["phone"],
    )
    suspended = row["kind"] == "staff" and row["status"] != "active"
    return Holder(caller, suspended, expires_at=row["expires_at"])


async def end(session: AsyncSession, now: datetime, reason: EndReason, *where: Any) -> int:
    """End the open sessions that fit; how many there were."""
    ended = await session.execute(
        update(LoginSession)
        .where(LoginSession.ended_at.is_(None), LoginSession.expires_at > now, *where)
        .values(ended_at=now, ended_reason=reason)
        .returning(LoginSession.id)
    )
    return len(ended.all())


async def end_of_account(
    session: AsyncSession, account_id: uuid.UUID, now: datetime, reason: EndReason
) -> int:
    return await end(session, now, reason, LoginSession.account_id == account_id)


async def end_of_device(
    session: AsyncSession, device_id: uuid.UUID, now: datetime, reason: EndReason
) -> int:
    return await end(session, now, reason, LoginSession.device_id == device_id)


async def end_one(
    session: AsyncSession,
    account_id: uuid.UUID,
    session_id: uuid.UUID,
    now: datetime,
) -> int:
    mine = (LoginSession.account_id == account_id, LoginSession.id == session_id)
    return await end(session, now, "signed_out", *mine)


async def end_beyond(
    session: AsyncSession, account_id: uuid.UUID, most: int, now: datetime
) -> None:
    """End the oldest open sessions beyond the newest `most`."""
    newest = (
        select(LoginSession.id)
        .where(
            LoginSession.account_id == account_id,
            LoginSession.ended_at.is_(None),
            LoginSession.expires_at > now,
        )
        .order_by(LoginSession.id.desc())
        .limit(most)
    )
    mine = (LoginSession.account_id == account_id, LoginSession.id.not_in(newest))
    await end(session, now, "superseded", *mine)


async def of_account(session: AsyncSession, account_id: uuid.UUID) -> Sequence[LoginSession]:
    """The newest, ended ones too."""
    query = (
        select(LoginSession)
        .where(LoginSession.account_id == account_id)
        .order_by(LoginSession.id.desc())
        .limit(LIST_MAX)
    )
    return (await session.scalars(query)).all()


async def strengthen(session: AsyncSession, session_id: uuid.UUID) -> None:
    await session.execute(
        update(LoginSession).where(LoginSession.id == session_id).values(strong=True)
    )


async def forget(session: AsyncSession, before: datetime, limit: int) -> int:
    """Erase what expired before then."""
    old = select(LoginSession.id).where(LoginSession.expires_at < before).limit(limit)
    gone = delete(LoginSession).where(LoginSession.id.in_(old)).returning(LoginSession.id)
    return len((await session.execute(gone)).all())
