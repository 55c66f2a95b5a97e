"""What the routes of offices ask for, by name."""

from typing import Annotated, cast

from fastapi import Depends

from services.offices.config import Settings as OfficesSettings
from shared.auth import Caller as AnyCaller
from shared.dependencies import CallerOf, NowOf, RuntimeOf, SessionOf, require
from shared.pagination import PageQuery

WRITE = "offices:write"
REPORTS = "reports:read"

Caller = CallerOf
Now = NowOf
Page = PageQuery
Runtime = RuntimeOf
Session = SessionOf
Writer = Annotated[AnyCaller, Depends(require(WRITE))]
Reader = Annotated[AnyCaller, Depends(require(REPORTS))]


async def _settings(runtime: RuntimeOf) -> OfficesSettings:
    return cast("OfficesSettings", runtime.settings)


Settings = Annotated[OfficesSettings, Depends(_settings)]

__all__ = [
    "REPORTS",
    "WRITE",
    "Caller",
    "Now",
    "Page",
    "Reader",
    "Runtime",
    "Session",
    "Settings",
    "Writer",
    "require",
]
