"""HTTP of payment orders: staff look and decide, banks fetch and answer."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from services.parcels.dependencies import (
    Caller,
    Command,
    Page,
    Session,
    answer_once,
    require,
)
from services.parcels.payments import service
from services.parcels.payments.domain import Status
from services.parcels.payments.repository import Filter
from services.parcels.payments.schemas import (
    Confirmation,
    Decision,
    Fetch,
    Fetched,
    PaymentOrderOut,
    PaymentOrderWithSteps,
    Refusal,
    ReturnedTransfer,
)
from shared.errors import responses
from shared.pagination import PageBody, link_next

router = APIRouter(prefix="/v1/payment-orders", tags=["payments"])
bank = APIRouter(prefix="/v1/bank/payment-orders", tags=["payments"])

WRITE: Final = "accounts:write"
EXECUTE: Final = "payments:execute"
Staff = Annotated[Caller, Depends(require(WRITE))]
Bank = Annotated[Caller, Depends(require(EXECUTE))]


def _command(scope: str) -> dict[str, Any]:
    return {
        "responses": responses(400, 401, 403, 404, 409, 413, 422, 503),
        "openapi_extra": {"x-scope": scope},
    }


def _list(scope: str) -> dict[str, Any]:
    return {"responses": responses(401, 403, 422, 503), "openapi_extra": {"x-scope": scope}}


@router.get("", operation_id="list_payment_orders", **_list(WRITE))
async def list_payment_orders(
    request: Request,
    response: Response,
    page: Page,
    _: Staff,
    session: Session,
    status: Status | None = None,
    beneficiary: UUID | None = None,
) -> PageBody[PaymentOrderOut]:
    """Oldest first."""
    found, cursor = await service.listing(session, Filter(status, beneficiary), page)
    link_next(request, response, cursor)
    return PageBody[PaymentOrderOut](items=found, next=cursor)


@router.get(
    "/{order_id}",
    operation_id="get_payment_order",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra={"x-scope": WRITE},
)
async def get_payment_order(order_id: UUID, _: Staff, session: Session) -> PaymentOrderWithSteps:
    """An order with every step on its way: who, when, why."""
    return await service.get(session, order_id)


@router.post(
    "/{order_id}/void",
    operation_id="void_payment_order",
    response_model=PaymentOrderOut,
    **_command(WRITE),
)
async def void_payment_order(
    order_id: UUID, body: Decision, caller: Staff, session: Session, once: Command
) -> Response:
    """Take an order back that no bank has fetched."""
    return await answer_once(
        session, once, lambda: service.void(session, caller, order_id, body, once.now), status=200
    )


@bank.post(
    "/fetch", operation_id="fetch_payment_orders", response_model=Fetched, **_command(EXECUTE)
)
async def fetch_payment_orders(
    body: Fetch, caller: Bank, session: Session, once: Command
) -> Response:
    """Take orders to pay, oldest first: they are yours alone and wait for your answer."""
    return await answer_once(
        session, once, lambda: service.fetch(session, caller, body, once.now), status=200
    )


@bank.get("", operation_id="list_fetched_payment_orders", **_list(EXECUTE))
async def list_fetched_payment_orders(
    request: Request,
    response: Response,
    page: Page,
    caller: Bank,
    session: Session,
    status: Status | None = None,
) -> PageBody[PaymentOrderOut]:
    """What you fetched, oldest first; `status=fetched` and `status=unknown` wait for an answer."""
    wanted = Filter(status, bank=caller.account)
    found, cursor = await service.listing(session, wanted, page)
    link_next(request, response, cursor)
    return PageBody[PaymentOrderOut](items=found, next=cursor)


@bank.post(
    "/{order_id}/confirm",
    operation_id="confirm_payment_order",
    response_model=PaymentOrderOut,
    **_command(EXECUTE),
)
async def confirm_payment_order(
    order_id: UUID, body: Confirmation, caller: Bank, session: Session, once: Command
) -> Response:
    """You paid it, under a trace number of yours that no other transfer has."""
    return await answer_once(
        session,
        once,
        lambda: service.confirm(session, caller, order_id, body, once.now),
        status=200,
    )


@bank.post(
    "/{order_id}/refuse",
    operation_id="refuse_payment_order",
    response_model=PaymentOrderOut,
    **_command(EXECUTE),
)
async def refuse_payment_order(
    order_id: UUID, body: Refusal, caller: Bank, session: Session, once: Command
) -> Response:
    """You did not pay it and will not."""
    return await answer_once(
        session,
        once,
        lambda: service.refuse(session, caller, order_id, body, once.now),
        status=200,
    )


@bank.post(
    "/{order_id}/return",
    operation_id="return_payment_order",
    response_model=PaymentOrderOut,
    **_command(EXECUTE),
)
async def return_payment_order(
    order_id: UUID, body: ReturnedTransfer, caller: Bank, session: Session, once: Command
) -> Response:
    """What you paid came back from the beneficiary's bank."""
    return await answer_once(
        session,
        once,
        lambda: service.give_back(session, caller, order_id, body, once.now),
        status=200,
    )
