"""What the routes of offices ask for, by name."""

from typing import Annotated, cast

from fastapi import Depends

from services.offices.config import Settings as OfficesSettings
from shared.auth import Caller as AnyCaller
from shared.dependencies import CallerOf, NowOf, RuntimeOf, SessionOf, require
from shared.pagination import PageQuery

WRITE = "offices:write"
LICENSING_READ = "licensing:read"
LICENSING_WRITE = "licensing:write"

Caller = CallerOf
Now = NowOf
Page = PageQuery
Runtime = RuntimeOf
Session = SessionOf
Writer = Annotated[AnyCaller, Depends(require(WRITE))]
LicensingReader = Annotated[AnyCaller, Depends(require(LICENSING_READ))]
LicensingWriter = Annotated[AnyCaller, Depends(require(LICENSING_WRITE))]


async def _settings(runtime: RuntimeOf) -> OfficesSettings:
    return cast("OfficesSettings", runtime.settings)


Settings = Annotated[OfficesSettings, Depends(_settings)]

__all__ = ["WRITE", "Caller", "Now", "Page", "Runtime", "Session", "Settings", "Writer", "require"]
