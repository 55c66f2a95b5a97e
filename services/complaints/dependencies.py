"""What the routes of complaints ask for, by name."""

from typing import Annotated

from fastapi import Depends

from services.complaints.attachments.files import Folder
from services.complaints.clients import Sisters
from services.complaints.config import Settings
from shared import auth
from shared.dependencies import (
    CallerOf,
    DatabaseOf,
    EffectOf,
    NowOf,
    RuntimeOf,
    SessionOf,
    answer_once,
    require,
)
from shared.pagination import PageQuery
from shared.runtime import Runtime

Caller = CallerOf
Database = DatabaseOf
Effect = EffectOf
Now = NowOf
Page = PageQuery
Session = SessionOf


async def get_sisters(runtime: RuntimeOf, caller: CallerOf) -> Sisters:
    return Sisters(runtime.sister("parcels", caller.world), runtime.sister("offices", caller.world))


async def get_folder(runtime: RuntimeOf, caller: CallerOf) -> Folder:
    return folder_of(runtime, caller.world)


def folder_of(runtime: Runtime, world: auth.World) -> Folder:
    """Where the files of a world's cases are."""
    settings = runtime.settings
    if not isinstance(settings, Settings):
        raise TypeError("complaints was given another service's settings")
    return Folder(settings.attachments / world)


FolderOf = Annotated[Folder, Depends(get_folder)]
SistersOf = Annotated[Sisters, Depends(get_sisters)]
Answerer = Annotated[auth.Caller, Depends(require("complaints:answer"))]
Reader = Annotated[auth.Caller, Depends(require("complaints:read"))]
Reporter = Annotated[auth.Caller, Depends(require("reports:read"))]
Sister = Annotated[auth.Caller, Depends(require("internal"))]
TargetSetter = Annotated[auth.Caller, Depends(require("targets:write"))]

__all__ = [
    "Answerer",
    "Caller",
    "Database",
    "Effect",
    "FolderOf",
    "Now",
    "Page",
    "Reader",
    "Reporter",
    "Session",
    "Sister",
    "SistersOf",
    "TargetSetter",
    "answer_once",
]
