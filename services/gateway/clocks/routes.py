"""HTTP of the worlds' clocks."""

from typing import Annotated

from fastapi import APIRouter, Depends

from services.gateway.clocks import service
from services.gateway.dependencies import Caller, Runtime, Session, require
from shared.application import ClockBody
from shared.errors import responses

router = APIRouter(prefix="/v1/clock", tags=["clock"])


@router.put(
    "",
    operation_id="set_clock",
    responses=responses(400, 401, 403, 413, 422, 503),
    openapi_extra={"x-scope": "backfill"},
)
async def set_clock(
    body: ClockBody,
    runtime: Runtime,
    session: Session,
    caller: Annotated[Caller, Depends(require("backfill"))],
) -> ClockBody:
    """Open, move or close a backfill: sets the clock that the timers of every service read."""
    return await service.set_everywhere(runtime, session, caller, body)
