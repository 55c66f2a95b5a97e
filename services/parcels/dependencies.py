"""What the routes of parcels ask for, by name."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request

from services.parcels.caches import Caches, Desk
from services.parcels.network.service import Directory
from services.parcels.routing.timetable import Timetable
from services.parcels.tariff.service import Tariff
from shared import auth
from shared import runtime as runtimes
from shared.dependencies import (
    CallerOf,
    CommandOf,
    DatabaseOf,
    EffectOf,
    NowOf,
    RuntimeOf,
    SessionOf,
    answer_once,
    get_caller,
    get_runtime,
    require,
)
from shared.idempotency import IdempotencyKey
from shared.pagination import PageQuery

Caller = CallerOf
Command = CommandOf
Database = DatabaseOf
Effect = EffectOf
Now = NowOf
Page = PageQuery
Runtime = RuntimeOf
Session = SessionOf


def caches_of(runtime: runtimes.Runtime, world: auth.World) -> Caches:
    """The caches of a world; made on first use."""
    caches = runtime.caches.get(world)
    if not isinstance(caches, Caches):
        caches = runtime.caches[world] = Caches(runtime.databases[world])
    return caches


async def get_caches(runtime: RuntimeOf, caller: CallerOf) -> Caches:
    return caches_of(runtime, caller.world)


def desk(scope: str | None = None) -> Callable[[Request], Awaitable[Desk]]:
    """A dependency for hot routes: one for all, since FastAPI's solving of each costs more.

    Refused with 401 or 403 without `scope`.
    """

    async def resolve(request: Request) -> Desk:
        runtime = await get_runtime(request)
        caller = await get_caller(request)
        if scope is not None:
            caller.require(scope)
        world = caller.world
        return Desk(
            caller, runtime.databases[world], caches_of(runtime, world), runtime.clock.now()
        )

    return resolve


CachesOf = Annotated[Caches, Depends(get_caches)]


async def get_directory(caches: CachesOf) -> Directory:
    return await caches.directory.fresh()


async def get_tariff(caches: CachesOf) -> Tariff:
    return await caches.tariff.fresh()


async def get_timetable(caches: CachesOf, now: NowOf) -> Timetable:
    return await caches.timetable.fresh(now)


Offices = Annotated[Directory, Depends(get_directory)]
Prices = Annotated[Tariff, Depends(get_tariff)]
Ways = Annotated[Timetable, Depends(get_timetable)]

__all__ = [
    "Caches",
    "CachesOf",
    "Caller",
    "Command",
    "Database",
    "Desk",
    "Effect",
    "IdempotencyKey",
    "Now",
    "Offices",
    "Page",
    "Prices",
    "Runtime",
    "Session",
    "Ways",
    "answer_once",
    "desk",
    "require",
]
