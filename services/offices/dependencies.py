"""What the routes of offices ask for, by name."""

from typing import Annotated, cast

from fastapi import Depends

from services.offices.config import Settings as OfficesSettings
from shared.auth import Caller as AnyCaller
from shared.dependencies import CallerOf, NowOf, RuntimeOf, SessionOf, require
from shared.pagination import PageQuery

WRITE = "offices:write"
LICENSING_READ = "licensing:read"
CATALOGUE = "catalogue:write"
RECORD = "services:record"
REPORTS = "reports:read"

Caller = CallerOf
Now = NowOf
Page = PageQuery
Runtime = RuntimeOf
Session = SessionOf
Writer = Annotated[AnyCaller, Depends(require(WRITE))]
LicensingReader = Annotated[AnyCaller, Depends(require(LICENSING_READ))]
CatalogueWriter = Annotated[AnyCaller, Depends(require(CATALOGUE))]
Recorder = Annotated[AnyCaller, Depends(require(RECORD))]
Reporter = Annotated[AnyCaller, Depends(require(REPORTS))]


async def _settings(runtime: RuntimeOf) -> OfficesSettings:
    return cast("OfficesSettings", runtime.settings)


Settings = Annotated[OfficesSettings, Depends(_settings)]

__all__ = [
    "CATALOGUE",
    "LICENSING_READ",
    "RECORD",
    "REPORTS",
    "WRITE",
    "Caller",
    "CatalogueWriter",
    "LicensingReader",
    "Now",
    "Page",
    "Recorder",
    "Reporter",
    "Runtime",
    "Session",
    "Settings",
    "Writer",
    "require",
]
