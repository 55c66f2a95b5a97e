"""What the routes of gateway ask for, by name."""

from collections.abc import AsyncIterator
from typing import Annotated, Final

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.people import People
from shared import auth
from shared.dependencies import (
    CallerOf,
    EffectOf,
    NowOf,
    RuntimeOf,
    SessionOf,
    answer_once,
    require,
)
from shared.errors import Forbidden
from shared.pagination import PageQuery

PERSON: Final = "susa-person"
Caller = CallerOf
Effect = EffectOf
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


async def get_staff_administrator(caller: CallerOf) -> auth.Caller:
    """Who may manage staff; with what is of the live world, as with accounts."""
    return _live(caller, "staff:write")


async def get_enroller(caller: CallerOf) -> auth.Caller:
    """Who may enrol devices: where the caller works at an office, that office's."""
    return _live(caller, "devices:enrol")


def _live(caller: auth.Caller, scope: str) -> auth.Caller:
    caller.require(scope)
    if caller.world != "live":
        raise Forbidden("people are managed from the live world")
    return caller


async def get_people(request: Request) -> People:
    people: People = request.app.state.people
    return people


async def get_person(request: Request, caller: CallerOf) -> str:
    """Who does it: the caller, or the person who signed in for its account on the portal.

    Only our own pages say so: the front drops what a client says in headers of ours.
    """
    return request.headers.get(PERSON, caller.id)


async def get_address(request: Request) -> str:
    """Where a request came from, as the front tells it: what a client says of it is dropped."""
    return request.headers.get("x-forwarded-for", "unknown")


Person = Annotated[str, Depends(get_person)]
Address = Annotated[str, Depends(get_address)]
Enroller = Annotated[auth.Caller, Depends(get_enroller)]
SignedIn = Annotated[auth.Caller, Depends(require("session"))]
SignedInStaff = Annotated[auth.Caller, Depends(require("session:staff"))]
StaffAdministrator = Annotated[auth.Caller, Depends(get_staff_administrator)]
TheirDoors = Annotated[People, Depends(get_people)]
Administrator = Annotated[auth.Caller, Depends(get_administrator)]
BoundAdministrator = Annotated[auth.Caller, Depends(get_bound_administrator)]
AccountSession = Annotated[AsyncSession, Depends(get_account_session, scope="function")]
Pepper = Annotated[bytes, Depends(get_pepper)]

__all__ = [
    "AccountSession",
    "Address",
    "Administrator",
    "BoundAdministrator",
    "Caller",
    "Effect",
    "Enroller",
    "Now",
    "Page",
    "Pepper",
    "Person",
    "Runtime",
    "Session",
    "SignedIn",
    "SignedInStaff",
    "StaffAdministrator",
    "TheirDoors",
    "answer_once",
    "require",
]
