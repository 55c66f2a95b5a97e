"""What the routes of offices ask for, by name."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, cast

from fastapi import Depends, Request, Response
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from services.offices.config import Settings as OfficesSettings
from shared import idempotency
from shared.auth import Caller as AnyCaller
from shared.database import Database
from shared.dependencies import (
    CallerOf,
    NowOf,
    RuntimeOf,
    SessionOf,
    get_caller,
    get_runtime,
    require,
)
from shared.idempotency import Answer, IdempotencyKey, Once
from shared.pagination import PageQuery

WRITE = "offices:write"
LICENSING_READ = "licensing:read"
LICENSING_WRITE = "licensing:write"
LICENSING_DECIDE = "licensing:decide"
CATALOGUE = "catalogue:write"
LICENSING_READ = "licensing:read"
RECORD = "services:record"
REPORTS = "reports:read"

Caller = CallerOf
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


async def _effect(
    request: Request, caller: CallerOf, now: NowOf, key: IdempotencyKey = None
) -> Once | None:
    """The effect that a request's Idempotency-Key names: its operation, on its path, its bytes."""
    if key is None:
        return None
    payload = request.url.path.encode() + b"\n" + await request.body()
    return Once(caller.id, request.scope["route"].operation_id, key, payload, now)


Effect = Annotated[Once | None, Depends(_effect)]


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

    answer = await (run() if effect is None else idempotency.once(session, effect, run))
    return answer.response()


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
]
