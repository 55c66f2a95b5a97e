"""What routes ask for. Each service's `dependencies.py` gives these their names there.

All are coroutines: a plain function would cost each request a trip through the thread pool.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request, Response
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from shared.auth import ANONYMOUS, Caller
from shared.database import Database
from shared.idempotency import KEEP_MONEY, Answer, IdempotencyKey, Once, key_missing, once
from shared.runtime import Runtime


async def get_runtime(request: Request) -> Runtime:
    runtime: Runtime = request.app.state.runtime
    return runtime


async def get_caller(request: Request) -> Caller:
    """The verified caller; without a token, nobody in particular in the live world."""
    authorization = request.headers.get("authorization")
    if authorization is None:
        return ANONYMOUS
    runtime: Runtime = request.app.state.runtime
    return runtime.verifier.caller(authorization)


CallerOf = Annotated[Caller, Depends(get_caller)]
RuntimeOf = Annotated[Runtime, Depends(get_runtime)]


async def get_database(runtime: RuntimeOf, caller: CallerOf) -> Database:
    return runtime.databases[caller.world]


DatabaseOf = Annotated[Database, Depends(get_database)]


async def get_session(database: DatabaseOf) -> AsyncIterator[AsyncSession]:
    """The request's transaction: commits before the response leaves, rolls back on an error."""
    async with database.transaction() as session:
        yield session


# scope="function": a plain yield dependency commits after the response went out (measured), so a
# failed commit would still answer 200
SessionOf = Annotated[AsyncSession, Depends(get_session, scope="function")]


async def get_now(runtime: RuntimeOf) -> datetime:
    return runtime.clock.now()


NowOf = Annotated[datetime, Depends(get_now)]


def require(scope: str) -> Callable[[Caller], Awaitable[Caller]]:
    """A dependency: the caller, refused with 401 or 403 without `scope`."""

    async def check(caller: CallerOf) -> Caller:
        caller.require(scope)
        return caller

    return check


async def _effect(
    request: Request, caller: CallerOf, now: NowOf, key: IdempotencyKey = None
) -> Once | None:
    """The effect that a request's Idempotency-Key names: its operation, on its path, its bytes."""
    if key is None:
        return None
    payload = request.url.path.encode() + b"\n" + await request.body()
    return Once(caller.id, request.scope["route"].operation_id, key, payload, now)


EffectOf = Annotated[Once | None, Depends(_effect)]


async def commanded(effect: EffectOf) -> Once:
    """The same where money or custody is commanded: 400 without a key, kept 30 days."""
    if effect is None:
        raise key_missing()
    return replace(effect, keep=KEEP_MONEY)


CommandOf = Annotated[Once, Depends(commanded)]


async def answer_once(
    session: AsyncSession,
    effect: Once | None,
    work: Callable[[], Awaitable[BaseModel]],
    *,
    status: int = 201,
) -> Response:
    """What `work` makes, as JSON; under one key the same bytes however often it is sent."""

    async def run() -> Answer:
        return Answer(status, (await work()).model_dump_json().encode())

    answer = await (run() if effect is None else once(session, effect, run))
    return answer.response()
