"""What the routes of complaints ask for, by name."""

from typing import Annotated

from fastapi import Depends

from services.complaints.clients import Sisters
from shared import auth
from shared.dependencies import CallerOf, EffectOf, NowOf, RuntimeOf, SessionOf, require
from shared.pagination import PageQuery

Caller = CallerOf
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
SurveySender = Annotated[auth.Caller, Depends(require("surveys:send"))]
SurveyWriter = Annotated[auth.Caller, Depends(require("surveys:write"))]

__all__ = [
    "Answerer",
    "Caller",
    "Effect",
    "Now",
    "Page",
    "Reader",
    "Reporter",
    "Session",
    "Sister",
    "SistersOf",
    "SurveySender",
    "SurveyWriter",
]
