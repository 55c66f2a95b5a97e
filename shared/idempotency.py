"""Idempotency-Key (IETF draft), kept where the effect is: one effect and one answer per key.

A replay returns the stored bytes; another payload under the key is 422; a key in flight is 409.
Refusals roll back with the request, so they are not stored and may be tried again.
"""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Final, TypeVar

from fastapi import Header, Response
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.errors import BadRequest, Conflict, Problem

T = TypeVar("T")

KEEP: Final = timedelta(hours=24)
KEEP_MONEY: Final = timedelta(days=30)

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[\x20-\x7e]+$",
        description="A fresh value per intended effect (a UUID); the same for its retries.",
    ),
]


class KeyMissing(BadRequest):
    code, title = "idempotency_key_missing", "Idempotency-Key is missing"


class KeyInFlight(Conflict):
    code, title = "idempotency_key_in_flight", "A request with this key is running"


class KeyReused(Problem):
    status, code, title = 422, "idempotency_key_reused", "Idempotency-Key was used otherwise"


def key_missing() -> KeyMissing:
    return KeyMissing("send the header Idempotency-Key, a fresh value per intended effect")


def required(key: str | None) -> str:
    if key is None:
        raise key_missing()
    return key


@dataclass(frozen=True, slots=True)
class Answer:
    """A response as it is stored and replayed."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        return Response(
            self.body,
            status_code=self.status,
            headers=dict(self.headers),
            media_type="application/json",
        )


def fingerprint(payload: bytes) -> bytes:
    return hashlib.sha256(payload).digest()


def lock_number(caller: str, operation: str, key: str) -> int:
    """The advisory lock of a key: 64 bits of its hash, as PostgreSQL's signed bigint."""
    digest = hashlib.sha256(f"{caller}\0{operation}\0{key}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def in_flight() -> KeyInFlight:
    problem = KeyInFlight("a request with this Idempotency-Key is still running; retry shortly")
    problem.headers["Retry-After"] = "1"
    return problem


def reused() -> KeyReused:
    return KeyReused("this Idempotency-Key was used with another payload; use a fresh one")


@dataclass(frozen=True, slots=True)
class Once:
    """Names one intended effect; `payload` is what must be the same on a retry."""

    caller: str
    operation: str
    key: str
    payload: bytes
    now: datetime
    keep: timedelta = KEEP


async def created(
    session: AsyncSession,
    effect: Once | None,
    make: Callable[[], Awaitable[tuple[str, BaseModel]]],
) -> Answer:
    """201 with what `make` made and where that is; with a key, however often it is sent."""

    async def work() -> Answer:
        location, body = await make()
        return Answer(201, body.model_dump_json().encode(), {"Location": location})

    return await (work() if effect is None else once(session, effect, work))


async def once(
    session: AsyncSession, effect: Once, work: Callable[[], Awaitable[Answer]]
) -> Answer:
    """Run `work` at most once for the key, in the session's transaction."""
    number = lock_number(effect.caller, effect.operation, effect.key)
    locked = await session.execute(text("SELECT pg_try_advisory_xact_lock(:n)"), {"n": number})
    if not locked.scalar():
        raise in_flight()
    who = {"caller": effect.caller, "operation": effect.operation, "key": effect.key}
    found = await session.execute(
        text(
            "SELECT fingerprint, status, headers, body FROM idempotency WHERE caller = :caller"
            " AND operation = :operation AND key = :key"
        ),
        who,
    )
    print_ = fingerprint(effect.payload)
    if (row := found.one_or_none()) is not None:
        if bytes(row.fingerprint) != print_:
            raise reused()
        headers = json.loads(row.headers) if isinstance(row.headers, str) else row.headers
        return Answer(row.status, bytes(row.body), headers)
    answer = await work()
    await session.execute(
        text(
            "INSERT INTO idempotency (caller, operation, key, fingerprint, status, headers, body,"
            " expires_at) VALUES (:caller, :operation, :key, :print, :status,"
            " CAST(:headers AS json), :body, :expires)"
        ),
        {
            **who,
            "print": print_,
            "status": answer.status,
            "headers": json.dumps(dict(answer.headers)),
            "body": answer.body,
            "expires": effect.now + effect.keep,
        },
    )
    return answer


async def said_once(
    session: AsyncSession,
    effect: Once | None,
    say: Callable[[], Awaitable[T]],
    again: Callable[[], Awaitable[T]],
) -> T:
    """What `say` makes; under one key it is said once, and later answers are of what is now.

    For answers that hold persons and their words, which are kept in one place: so no answer is
    kept for replays, only that it was given.
    """
    if effect is None:
        return await say()
    made: list[T] = []

    async def work() -> Answer:
        made.append(await say())
        return Answer(201, b"")

    await once(session, effect, work)
    return made[0] if made else await again()
