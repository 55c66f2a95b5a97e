"""HTTP of a partner's feed."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from services.gateway.dependencies import Runtime, require
from services.gateway.feed import domain, service
from services.gateway.feed.schemas import PartnerEvents
from services.gateway.feed.service import Asked
from shared.auth import Caller
from shared.errors import responses
from shared.feed import WAIT_MAX_S

SCOPE = "parcels:read"

router = APIRouter(prefix="/v1/events", tags=["events"])


async def _asked(
    after: Annotated[
        int, Query(ge=0, lt=2**63, description="`next` of the page before; 0 at first")
    ] = 0,
    wait: Annotated[
        float,
        Query(
            ge=0,
            le=WAIT_MAX_S,
            allow_inf_nan=False,
            description="Seconds to wait for news if there is none yet; it may be cut short.",
        ),
    ] = 0,
    limit: Annotated[int, Query(ge=1, le=domain.PAGE_MAX)] = 100,
    epoch: Annotated[
        UUID | None, Query(description="`epoch` of the page before: refused if it is another now")
    ] = None,
) -> Asked:
    return Asked(after, limit, wait, None if epoch is None else str(epoch))


@router.get(
    "",
    operation_id="read_events",
    response_model=PartnerEvents,
    responses=responses(401, 403, 409, 410, 422, 503),
    openapi_extra={"x-scope": SCOPE},
)
async def read_events(
    runtime: Runtime,
    caller: Annotated[Caller, Depends(require(SCOPE))],
    asked: Annotated[Asked, Depends(_asked)],
) -> Response:
    """Your events in their order, numbered without gaps: whoever has them all missed nothing."""
    body = await service.read(runtime, caller, asked)
    return Response(body, media_type="application/json")
