"""HTTP of recomputations and refund proposals."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from services.parcels.dependencies import (
    Caller,
    Effect,
    Now,
    Page,
    Session,
    require,
)
from services.parcels.repricing import service
from services.parcels.repricing.schemas import (
    ChargeOut,
    Kind,
    NewRecomputation,
    RecomputationOut,
    RefundProposalOut,
)
from shared.errors import responses
from shared.pagination import PageBody, link_next

runs = APIRouter(prefix="/v1/recomputations", tags=["tariff"])
refunds = APIRouter(prefix="/v1/refund-proposals", tags=["tariff"])

WRITE = "tariff:write"
Writer = Annotated[Caller, Depends(require(WRITE))]
GET: dict[str, Any] = {
    "responses": responses(401, 403, 404, 422, 503),
    "openapi_extra": {"x-scope": WRITE},
}
LIST: dict[str, Any] = {
    "responses": responses(401, 403, 422, 503),
    "openapi_extra": {"x-scope": WRITE},
}


@runs.post(
    "",
    status_code=201,
    operation_id="recompute_charges",
    response_model=RecomputationOut,
    responses=responses(400, 401, 403, 409, 413, 422, 503),
    openapi_extra={"x-scope": WRITE},
)
async def recompute_charges(
    body: NewRecomputation, caller: Writer, session: Session, now: Now, once: Effect
) -> Response:
    """Price a period's bookings under another tariff; the worker does it, see its `status`."""
    return (await service.request(session, body, caller=caller, once=once, now=now)).response()


@runs.get("", operation_id="list_recomputations", **LIST)
async def list_recomputations(
    request: Request, response: Response, page: Page, _: Writer, session: Session
) -> PageBody[RecomputationOut]:
    """Newest first."""
    found, cursor = await service.listing(session, page)
    link_next(request, response, cursor)
    return PageBody[RecomputationOut](items=found, next=cursor)


@runs.get("/{run_id}", operation_id="get_recomputation", **GET)
async def get_recomputation(run_id: UUID, _: Writer, session: Session) -> RecomputationOut:
    return await service.get(session, run_id)


@runs.get("/{run_id}/charges", operation_id="list_recomputed_charges", **GET)
async def list_recomputed_charges(
    request: Request,
    response: Response,
    run_id: UUID,
    page: Page,
    _: Writer,
    session: Session,
    kind: Kind | None = None,
) -> PageBody[ChargeOut]:
    """Items charged too little (`under`), then those charged too much (`over`)."""
    found, cursor = await service.charges(session, run_id, kind, page)
    link_next(request, response, cursor)
    return PageBody[ChargeOut](items=found, next=cursor)


@refunds.get("", operation_id="list_refund_proposals", **LIST)
async def list_refund_proposals(
    request: Request,
    response: Response,
    page: Page,
    _: Writer,
    session: Session,
    partner: UUID | None = None,
    recomputation: UUID | None = None,
) -> PageBody[RefundProposalOut]:
    """By item; of a partner or of a recomputation, if asked."""
    found, cursor = await service.proposals(session, partner, recomputation, page)
    link_next(request, response, cursor)
    return PageBody[RefundProposalOut](items=found, next=cursor)
