"""What the routes of gateway ask for, by name."""

from typing import Annotated

from fastapi import Depends

from services.gateway import config
from shared.dependencies import CallerOf, NowOf, RuntimeOf, SessionOf, require
from shared.pagination import PageQuery


def get_settings(runtime: RuntimeOf) -> config.Settings:
    return config.settings_of(runtime)


Caller = CallerOf
Now = NowOf
Page = PageQuery
Runtime = RuntimeOf
Session = SessionOf
Settings = Annotated[config.Settings, Depends(get_settings)]

__all__ = ["Caller", "Now", "Page", "Runtime", "Session", "Settings", "require"]
