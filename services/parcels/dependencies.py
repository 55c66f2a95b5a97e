"""What the routes of parcels ask for, by name."""

from typing import Annotated

from fastapi import Depends

from services.parcels.caches import Caches
from services.parcels.network.service import Directory
from services.parcels.tariff.service import Tariff
from shared.dependencies import CallerOf, DatabaseOf, NowOf, RuntimeOf, SessionOf, require
from shared.idempotency import IdempotencyKey
from shared.pagination import PageQuery

Caller = CallerOf
Database = DatabaseOf
Now = NowOf
Page = PageQuery
Runtime = RuntimeOf
Session = SessionOf


async def get_caches(runtime: RuntimeOf, caller: CallerOf) -> Caches:
    """The caches of the caller's world; made on first use."""
    caches = runtime.caches.get(caller.world)
    if not isinstance(caches, Caches):
        caches = runtime.caches[caller.world] = Caches(runtime.databases[caller.world])
    return caches


CachesOf = Annotated[Caches, Depends(get_caches)]


async def get_directory(caches: CachesOf) -> Directory:
    return await caches.directory.fresh()


async def get_tariff(caches: CachesOf) -> Tariff:
    return await caches.tariff.fresh()


Offices = Annotated[Directory, Depends(get_directory)]
Prices = Annotated[Tariff, Depends(get_tariff)]

__all__ = [
    "Caches",
    "CachesOf",
    "Caller",
    "Database",
    "IdempotencyKey",
    "Now",
    "Offices",
    "Page",
    "Prices",
    "Runtime",
    "Session",
    "require",
]
