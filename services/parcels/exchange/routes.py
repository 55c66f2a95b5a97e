"""HTTP of the exchange: operators, dispatches, pre-advice."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.parcels.dependencies import (
    Caller,
    Command,
    Desk,
    Effect,
    Now,
    Offices,
    Page,
    Session,
    answer_once,
    desk,
    require,
)
from services.parcels.exchange import advising, service
from services.parcels.exchange.schemas import (
    S8,
    AdvisedOut,
    DispatchInFull,
    DispatchOut,
    DispatchStatus,
    HandOver,
    ItemState,
    NewDispatch,
    NewOperator,
    NewPreAdvice,
    OperatorCode,
    OperatorEnd,
    OperatorOut,
    PreAdviceOut,
    SentBags,
)
from shared.errors import responses
from shared.pagination import PageBody, link_next

operators = APIRouter(prefix="/v1/operators", tags=["exchange"])
dispatches = APIRouter(prefix="/v1/dispatches", tags=["exchange"])
pre_advices = APIRouter(prefix="/v1/pre-advices", tags=["exchange"])

Manager = Annotated[Caller, Depends(require("transport:write"))]
Clerk = Annotated[Caller, Depends(require("scans:write"))]
ClerksDesk = Annotated[Desk, Depends(desk("scans:write"))]
MANAGE = {"x-scope": "transport:write"}
SCAN = {"x-scope": "scans:write"}


@operators.post(
    "",
    status_code=201,
    operation_id="register_operator",
    response_model=OperatorOut,
    responses=responses(400, 401, 403, 409, 413, 422, 503),
    openapi_extra=MANAGE,
)
async def register_operator(
    body: NewOperator, caller: Manager, session: Session, now: Now, once: Effect
) -> Response:
    answer = await service.register(session, body, caller=caller, once=once, now=now)
    return answer.response()


@operators.get(
    "",
    operation_id="list_operators",
    responses=responses(401, 403, 422, 503),
    openapi_extra=SCAN,
)
async def list_operators(
    request: Request, response: Response, page: Page, session: Session, _: Clerk
) -> PageBody[OperatorOut]:
    """By code."""
    found, cursor = await service.operators(session, page)
    link_next(request, response, cursor)
    return PageBody[OperatorOut](items=found, next=cursor)


@operators.get(
    "/{operator}",
    operation_id="get_operator",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra=SCAN,
)
async def get_operator(operator: OperatorCode, session: Session, _: Clerk) -> OperatorOut:
    return await service.operator(session, operator)


@operators.post(
    "/{operator}/end",
    operation_id="end_operator",
    response_model=OperatorOut,
    responses=responses(400, 401, 403, 404, 409, 413, 422, 503),
    openapi_extra=MANAGE,
)
async def end_operator(
    operator: OperatorCode, body: OperatorEnd, session: Session, _: Manager, now: Now, once: Effect
) -> Response:
    """Nothing is handed over to it after this day."""
    return await answer_once(
        session, once, lambda: service.end(session, operator, body.on, now), status=200
    )


@dispatches.post(
    "",
    status_code=201,
    operation_id="create_dispatch",
    response_model=DispatchInFull,
    responses=responses(400, 401, 403, 409, 413, 422, 503),
    openapi_extra=SCAN,
)
async def create_dispatch(
    body: NewDispatch, caller: Clerk, session: Session, offices: Offices, now: Now, once: Effect
) -> Response:
    """An empty dispatch; an international one gets its UPU S8 number."""
    answer = await service.create(session, offices, body, caller=caller, once=once, now=now)
    return answer.response()


@dispatches.get(
    "",
    operation_id="list_dispatches",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra=SCAN,
)
async def list_dispatches(
    request: Request,
    response: Response,
    page: Page,
    session: Session,
    offices: Offices,
    _: Clerk,
    status: DispatchStatus | None = None,
    operator: Annotated[OperatorCode | None, Query()] = None,
) -> PageBody[DispatchOut]:
    """Newest first."""
    found, cursor = await service.dispatches(
        session, offices, page, status=status, operator_code=operator
    )
    link_next(request, response, cursor)
    return PageBody[DispatchOut](items=found, next=cursor)


@dispatches.get(
    "/{dispatch_id}",
    operation_id="get_dispatch",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra=SCAN,
)
async def get_dispatch(
    dispatch_id: UUID, session: Session, offices: Offices, _: Clerk
) -> DispatchInFull:
    """A dispatch with its bags."""
    return await service.get(session, offices, dispatch_id)


@dispatches.post(
    "/{dispatch_id}/bags",
    operation_id="fill_dispatch",
    response_model=DispatchInFull,
    responses=responses(400, 401, 403, 404, 409, 413, 422, 503),
    openapi_extra=SCAN,
)
async def fill_dispatch(
    dispatch_id: UUID,
    body: SentBags,
    session: Session,
    offices: Offices,
    caller: Clerk,
    now: Now,
    once: Effect,
) -> Response:
    """Closed bags go with the dispatch; one that is in it already stays."""
    return await answer_once(
        session,
        once,
        lambda: service.fill(session, offices, dispatch_id, body, caller=caller, now=now),
        status=200,
    )


@dispatches.post(
    "/{dispatch_id}/close",
    operation_id="close_dispatch",
    responses=responses(401, 403, 404, 409, 422, 503),
    openapi_extra=SCAN,
)
async def close_dispatch(
    dispatch_id: UUID, session: Session, offices: Offices, caller: Clerk, now: Now
) -> DispatchInFull:
    """No bag comes to it any more; in an international one each gets its UPU S9 number."""
    return await service.close(session, offices, dispatch_id, caller=caller, now=now)


@dispatches.post(
    "/{dispatch_id}/handover",
    operation_id="hand_over_dispatch",
    response_model=DispatchInFull,
    responses=responses(400, 401, 403, 404, 409, 413, 422, 503),
    openapi_extra=SCAN,
)
async def hand_over_dispatch(
    dispatch_id: UUID, body: HandOver, session: Session, at: ClerksDesk, once: Command
) -> Response:
    """Our custody ends: the operator gave a receipt. The same receipt has one effect."""
    return (await service.hand_over(session, at, dispatch_id, body, once=once)).response()


@pre_advices.post(
    "",
    status_code=201,
    operation_id="receive_pre_advice",
    response_model=PreAdviceOut,
    responses=responses(400, 401, 403, 404, 409, 413, 422, 503),
    openapi_extra=SCAN,
)
async def receive_pre_advice(
    body: NewPreAdvice, session: Session, at: ClerksDesk, once: Effect
) -> Response:
    """What an operator says is in a dispatch to us."""
    return (await advising.receive(session, at, body, once=once)).response()


@pre_advices.get(
    "",
    operation_id="list_pre_advices",
    responses=responses(401, 403, 422, 503),
    openapi_extra=SCAN,
)
async def list_pre_advices(
    request: Request,
    response: Response,
    page: Page,
    session: Session,
    _: Clerk,
    dispatch: Annotated[S8 | None, Query()] = None,
) -> PageBody[PreAdviceOut]:
    """Newest first."""
    found, cursor = await advising.pre_advices(session, dispatch, page)
    link_next(request, response, cursor)
    return PageBody[PreAdviceOut](items=found, next=cursor)


@pre_advices.get(
    "/{advice_id}",
    operation_id="get_pre_advice",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra=SCAN,
)
async def get_pre_advice(advice_id: UUID, session: Session, _: Clerk) -> PreAdviceOut:
    """How much of the list has come."""
    return await advising.pre_advice(session, advice_id)


@pre_advices.get(
    "/{advice_id}/items",
    operation_id="list_pre_advice_items",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra=SCAN,
)
async def list_pre_advice_items(
    request: Request,
    response: Response,
    advice_id: UUID,
    page: Page,
    session: Session,
    _: Clerk,
    state: ItemState | None = None,
) -> PageBody[AdvisedOut]:
    """What was seen, what is missing, what came besides; by barcode."""
    found, cursor = await advising.items(session, advice_id, state, page)
    link_next(request, response, cursor)
    return PageBody[AdvisedOut](items=found, next=cursor)
