"""What the routes of complaints ask for, by name."""

from typing import Annotated

from fastapi import Depends

from services.complaints.clients import Sisters
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

Caller = CallerOf
Database = DatabaseOf
Effect = EffectOf
Now = NowOf
Page = PageQuery
Session = SessionOf


async def get_sisters(runtime: RuntimeOf, caller: CallerOf) -> Sisters:
    return Sisters(runtime.sister("parcels", caller.world), runtime.sister("offices", caller.world))


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
