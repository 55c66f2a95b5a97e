"""What the routes of complaints ask for, by name."""

import hashlib
from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Request

from services.complaints.attachments.files import Folder
from services.complaints.clients import Payments, Sisters
from services.complaints.config import Settings
from shared import auth
from shared.dependencies import (
    CallerOf,
    CommandOf,
    DatabaseOf,
    EffectOf,
    NowOf,
    RuntimeOf,
    SessionOf,
    answer_once,
    require,
)
from shared.idempotency import Once, said_once
from shared.pagination import PageQuery
from shared.runtime import Runtime

Caller = CallerOf
Database = DatabaseOf
Command = CommandOf
Effect = EffectOf
Now = NowOf
Page = PageQuery
Session = SessionOf


async def get_sisters(runtime: RuntimeOf, caller: CallerOf) -> Sisters:
    return Sisters(runtime.sister("parcels", caller.world), runtime.sister("offices", caller.world))


async def _said(request: Request, effect: EffectOf) -> Once | None:
    """What an Idempotency-Key names of a thread: with a secret, nobody else's."""
    if effect is None:
        return None
    secret = request.headers.get("susa-case-secret", "")
    return replace(effect, key=hashlib.sha256(f"{secret}\0{effect.key}".encode()).hexdigest())


async def get_folder(runtime: RuntimeOf, caller: CallerOf) -> Folder:
    return folder_of(runtime, caller.world)


def folder_of(runtime: Runtime, world: auth.World) -> Folder:
    """Where the files of a world's cases are."""
    settings = runtime.settings
    if not isinstance(settings, Settings):
        raise TypeError("complaints was given another service's settings")
    return Folder(settings.attachments / world)


Said = Annotated[Once | None, Depends(_said)]
FolderOf = Annotated[Folder, Depends(get_folder)]


async def get_payments(runtime: RuntimeOf, caller: CallerOf) -> Payments:
    return Payments.of(runtime, caller.world)


SistersOf = Annotated[Sisters, Depends(get_sisters)]
PaymentsOf = Annotated[Payments, Depends(get_payments)]
Answerer = Annotated[auth.Caller, Depends(require("complaints:answer"))]
Decider = Annotated[auth.Caller, Depends(require("claims:decide"))]
Reader = Annotated[auth.Caller, Depends(require("complaints:read"))]
Reporter = Annotated[auth.Caller, Depends(require("reports:read"))]
Sister = Annotated[auth.Caller, Depends(require("internal"))]
TargetSetter = Annotated[auth.Caller, Depends(require("targets:write"))]
SurveySender = Annotated[auth.Caller, Depends(require("surveys:send"))]
SurveyWriter = Annotated[auth.Caller, Depends(require("surveys:write"))]

__all__ = [
    "Answerer",
    "Caller",
    "Command",
    "Database",
    "Decider",
    "Effect",
    "FolderOf",
    "Now",
    "Page",
    "PaymentsOf",
    "Reader",
    "Reporter",
    "Said",
    "Session",
    "Sister",
    "SistersOf",
    "SurveySender",
    "SurveyWriter",
    "TargetSetter",
    "answer_once",
    "require",
    "said_once",
]
