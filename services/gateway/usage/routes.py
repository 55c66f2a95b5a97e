"""HTTP of what an account asked."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from services.gateway.dependencies import AccountSession, Now, require
from services.gateway.usage import service
from services.gateway.usage.schemas import Usage
from shared import auth
from shared.errors import responses
from shared.fields import Day

router = APIRouter(tags=["reports"])


@router.get(
    "/v1/usage",
    operation_id="own_usage",
    openapi_extra={"x-scope": "parcels:read"},
    responses=responses(401, 403, 422, 503),
)
async def own_usage(
    caller: Annotated[auth.Caller, Depends(require("parcels:read"))],
    session: AccountSession,
    now: Now,
    first: Annotated[Day | None, Query(alias="from", description="30 days with today.")] = None,
    last: Annotated[Day | None, Query(alias="until", description="Today.")] = None,
) -> Usage:
    """How much you asked, by day and class of traffic: answered, over your quota, failed."""
    return await service.own(session, caller, first, last, now)
