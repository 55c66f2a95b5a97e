"""What the routes of gateway ask for, by name."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from shared import auth
from shared.dependencies import CallerOf, NowOf, RuntimeOf, SessionOf, require
from shared.errors import Forbidden
from shared.pagination import PageQuery

Caller = CallerOf
Now = NowOf
Page = PageQuery
Runtime = RuntimeOf
Session = SessionOf


async def get_administrator(caller: CallerOf) -> auth.Caller:
    """Who may manage accounts. They are the same in both worlds, so a sandbox key may not."""
    caller.require("partners:write")
    if caller.world != "live":
        raise Forbidden("accounts are managed with a live key")
    return caller


async def get_bound_administrator(
    caller: Annotated[auth.Caller, Depends(get_administrator)],
) -> auth.Caller:
    """The same, who proved a key or certificate besides."""
    caller.require_bound()
    return caller


async def get_account_session(runtime: RuntimeOf) -> AsyncIterator[AsyncSession]:
    """A transaction on the live database, where all accounts are; commits before the response."""
    async with runtime.databases["live"].transaction() as session:
        yield session


async def get_pepper(request: Request) -> bytes:
    pepper: bytes = request.app.state.pepper
    return pepper


Administrator = Annotated[auth.Caller, Depends(get_administrator)]
BoundAdministrator = Annotated[auth.Caller, Depends(get_bound_administrator)]
AccountSession = Annotated[AsyncSession, Depends(get_account_session, scope="function")]
Pepper = Annotated[bytes, Depends(get_pepper)]

__all__ = [
    "AccountSession",
    "Administrator",
    "BoundAdministrator",
    "Caller",
    "Now",
    "Page",
    "Pepper",
    "Runtime",
    "Session",
    "require",
]
