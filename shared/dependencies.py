"""What routes ask for. Each service's `dependencies.py` gives these their names there.

All are coroutines: a plain function would cost each request a trip through the thread pool.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from shared.auth import ANONYMOUS, Caller
from shared.database import Database
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
