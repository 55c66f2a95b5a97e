"""What the routes of offices ask for, by name."""

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, TypeVar, cast

from fastapi import Depends, Request
from pydantic import BaseModel

from services.offices.config import Settings as OfficesSettings
from shared.auth import Caller as AnyCaller
from shared.database import Database
from shared.dependencies import (
    CallerOf,
    EffectOf,
    NowOf,
    RuntimeOf,
    SessionOf,
    answer_once,
    get_caller,
    get_runtime,
    require,
)
from shared.pagination import PageQuery

Model = TypeVar("Model", bound=BaseModel)

WRITE = "offices:write"
LICENSING_READ = "licensing:read"
LICENSING_WRITE = "licensing:write"
LICENSING_DECIDE = "licensing:decide"
CATALOGUE = "catalogue:write"
RECORD = "services:record"
REPORTS = "reports:read"

Caller = CallerOf
Effect = EffectOf
Now = NowOf
Page = PageQuery
Runtime = RuntimeOf
Session = SessionOf
Writer = Annotated[AnyCaller, Depends(require(WRITE))]
LicensingReader = Annotated[AnyCaller, Depends(require(LICENSING_READ))]
LicensingWriter = Annotated[AnyCaller, Depends(require(LICENSING_WRITE))]
LicensingDecider = Annotated[AnyCaller, Depends(require(LICENSING_DECIDE))]
CatalogueWriter = Annotated[AnyCaller, Depends(require(CATALOGUE))]
Recorder = Annotated[AnyCaller, Depends(require(RECORD))]
Reporter = Annotated[AnyCaller, Depends(require(REPORTS))]


async def _settings(runtime: RuntimeOf) -> OfficesSettings:
    return cast("OfficesSettings", runtime.settings)


Settings = Annotated[OfficesSettings, Depends(_settings)]


@dataclass(frozen=True, slots=True)
class Desk:
    """What a hot use case works with: the caller's world, and when."""

    database: Database
    now: datetime


async def _desk(request: Request) -> Desk:
    """One dependency for all, since FastAPI's solving of each costs more."""
    runtime = await get_runtime(request)
    caller = await get_caller(request)
    return Desk(runtime.databases[caller.world], runtime.clock.now())


DeskOf = Annotated[Desk, Depends(_desk)]


async def shown(model: type[Model], done: Awaitable[object]) -> Model:
    """What a use case has done, as it is on the wire."""
    return model.model_validate(await done)


__all__ = [
    "CATALOGUE",
    "LICENSING_DECIDE",
    "LICENSING_READ",
    "LICENSING_WRITE",
    "RECORD",
    "REPORTS",
    "WRITE",
    "Caller",
    "CatalogueWriter",
    "Desk",
    "DeskOf",
    "Effect",
    "LicensingDecider",
    "LicensingReader",
    "LicensingWriter",
    "Now",
    "Page",
    "Recorder",
    "Reporter",
    "Runtime",
    "Session",
    "Settings",
    "Writer",
    "answer_once",
    "require",
    "shown",
]
