"""What the routes of complaints ask for, by name."""

from typing import Annotated

from fastapi import Depends

from services.complaints.clients import Payments, Sisters
from shared import auth
from shared.dependencies import (
    CallerOf,
    CommandOf,
    EffectOf,
    NowOf,
    RuntimeOf,
    SessionOf,
    answer_once,
    require,
)
from shared.pagination import PageQuery

Caller = CallerOf
Command = CommandOf
Effect = EffectOf
Now = NowOf
Page = PageQuery
Session = SessionOf


async def get_sisters(runtime: RuntimeOf, caller: CallerOf) -> Sisters:
    return Sisters(runtime.sister("parcels", caller.world), runtime.sister("offices", caller.world))


async def get_payments(runtime: RuntimeOf, caller: CallerOf) -> Payments:
    return Payments.of(runtime, caller.world)


SistersOf = Annotated[Sisters, Depends(get_sisters)]
PaymentsOf = Annotated[Payments, Depends(get_payments)]
Answerer = Annotated[auth.Caller, Depends(require("complaints:answer"))]
Decider = Annotated[auth.Caller, Depends(require("claims:decide"))]
Reader = Annotated[auth.Caller, Depends(require("complaints:read"))]
Reporter = Annotated[auth.Caller, Depends(require("reports:read"))]
Sister = Annotated[auth.Caller, Depends(require("internal"))]

__all__ = [
    "Answerer",
    "Caller",
    "Command",
    "Decider",
    "Effect",
    "Now",
    "Page",
    "PaymentsOf",
    "Reader",
    "Reporter",
    "Session",
    "Sister",
    "SistersOf",
    "answer_once",
    "require",
]
