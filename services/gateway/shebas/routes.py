"""The account that a partner is paid to, changed by two persons; for staff with partners:write."""

import uuid
from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response

from services.gateway.config import settings_of
from services.gateway.dependencies import (
    AccountSession,
    Administrator,
    BoundAdministrator,
    Effect,
    Now,
    Page,
    Runtime,
    answer_once,
)
from services.gateway.shebas import service
from services.gateway.shebas.schemas import NewShebaChange, Rejection, ShebaChangeBody
from shared.errors import responses
from shared.pagination import PageBody, link_next

SCOPE: Final = {"x-scope": "partners:write"}
BOUND: Final = SCOPE | {"x-sender-constrained": True}
CHANGED: Final = responses(400, 401, 403, 404, 409, 413, 422, 503)
router = APIRouter(prefix="/v1/partners/{partner_id}/sheba-changes", tags=["partners"])


async def get_delay(runtime: Runtime) -> timedelta:
    return timedelta(hours=settings_of(runtime).sheba_delay_h)


@router.post(
    "",
    status_code=201,
    operation_id="propose_sheba_change",
    response_model=ShebaChangeBody,
    openapi_extra=BOUND,
    responses=CHANGED,
)
async def propose_sheba_change(
    partner_id: uuid.UUID,
    wanted: NewShebaChange,
    session: AccountSession,
    caller: BoundAdministrator,
    now: Now,
    once: Effect,
) -> Response:
    return await answer_once(
        session, once, lambda: service.propose(session, partner_id, wanted, caller, now)
    )


@router.get(
    "",
    operation_id="list_sheba_changes",
    openapi_extra=SCOPE,
    responses=responses(401, 403, 404, 422, 503),
)
async def list_sheba_changes(
    partner_id: uuid.UUID,
    session: AccountSession,
    _: Administrator,
    page: Page,
    request: Request,
    response: Response,
) -> PageBody[ShebaChangeBody]:
    found, following = await service.listing(session, partner_id, page)
    link_next(request, response, following)
    return PageBody(items=found, next=following)


@router.post(
    "/{change_id}/approve",
    operation_id="approve_sheba_change",
    response_model=ShebaChangeBody,
    openapi_extra=BOUND,
    responses=responses(400, 401, 403, 404, 409, 422, 503),
)
async def approve_sheba_change(
    partner_id: uuid.UUID,
    change_id: uuid.UUID,
    session: AccountSession,
    caller: BoundAdministrator,
    now: Now,
    delay: Annotated[timedelta, Depends(get_delay)],
    once: Effect,
) -> Response:
    """By another person than proposed it. It holds after a delay, told in `effective_at`."""
    return await answer_once(
        session,
        once,
        lambda: service.approve(session, partner_id, change_id, caller, now, delay),
        status=200,
    )


@router.post(
    "/{change_id}/reject",
    operation_id="reject_sheba_change",
    response_model=ShebaChangeBody,
    openapi_extra=SCOPE,
    responses=CHANGED,
)
async def reject_sheba_change(
    partner_id: uuid.UUID,
    change_id: uuid.UUID,
    rejection: Rejection,
    session: AccountSession,
    caller: Administrator,
    now: Now,
    once: Effect,
) -> Response:
    """Called off, approved or not, as long as it does not hold yet: an API key is enough."""
    return await answer_once(
        session,
        once,
        lambda: service.reject(session, partner_id, change_id, rejection.reason, caller, now),
        status=200,
    )
