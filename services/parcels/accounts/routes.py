"""HTTP of postage accounts: a partner's own, and all of them for staff."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from services.parcels.accounts import service
from services.parcels.accounts.schemas import (
    AccountsOut,
    LimitIn,
    LimitOut,
    PaymentIn,
    PaymentOut,
    ReversalIn,
)
from services.parcels.dependencies import Caller, Command, Now, Page, Session, require
from shared.errors import responses
from shared.pagination import PageBody, link_next

own = APIRouter(prefix="/v1/postage-account", tags=["accounts"])
accounts = APIRouter(prefix="/v1/postage-accounts", tags=["accounts"])
reversals = APIRouter(prefix="/v1/postage-payments", tags=["accounts"])

READ, WRITE = "parcels:read", "accounts:write"
Reader = Annotated[Caller, Depends(require(READ))]
Writer = Annotated[Caller, Depends(require(WRITE))]
MINE: dict[str, Any] = {
    "responses": responses(401, 403, 422, 503),
    "openapi_extra": {"x-scope": READ},
}
LOOK: dict[str, Any] = {
    "responses": responses(401, 403, 422, 503),
    "openapi_extra": {"x-scope": WRITE},
}
PAY: dict[str, Any] = {
    "status_code": 201,
    "response_model": PaymentOut,
    "responses": responses(400, 401, 403, 404, 409, 413, 422, 503),
    "openapi_extra": {"x-scope": WRITE},
}


@own.get("", operation_id="get_own_postage_account", **MINE)
async def get_own_postage_account(caller: Reader, session: Session) -> AccountsOut:
    """What you have prepaid, and what you owe on credit."""
    return await service.of_partner(session, caller.account)


@own.get("/payments", operation_id="list_own_payments", **MINE)
async def list_own_payments(
    request: Request, response: Response, page: Page, caller: Reader, session: Session
) -> PageBody[PaymentOut]:
    """Your payments, newest first."""
    found, cursor = await service.payments(session, caller.account, page)
    link_next(request, response, cursor)
    return PageBody[PaymentOut](items=found, next=cursor)


@accounts.get("", operation_id="list_postage_accounts", **LOOK)
async def list_postage_accounts(
    request: Request, response: Response, page: Page, _: Writer, session: Session
) -> PageBody[AccountsOut]:
    """Prepaid accounts, and credit that has had a limit; by partner, an account a row."""
    found, cursor = await service.listing(session, page)
    link_next(request, response, cursor)
    return PageBody[AccountsOut](items=found, next=cursor)


@accounts.get("/{partner}", operation_id="get_postage_account", **LOOK)
async def get_postage_account(partner: UUID, _: Writer, session: Session) -> AccountsOut:
    """A partner's accounts; one that never booked owes nothing."""
    return await service.of_partner(session, partner)


@accounts.put(
    "/{partner}/limit",
    operation_id="set_credit_limit",
    responses=responses(400, 401, 403, 413, 422, 503),
    openapi_extra={"x-scope": WRITE},
)
async def set_credit_limit(
    partner: UUID, body: LimitIn, caller: Writer, session: Session, now: Now
) -> AccountsOut:
    """Limit a partner's credit, or lift the limit."""
    return await service.set_limit(session, partner, body, caller=caller, now=now)


@accounts.get("/{partner}/limits", operation_id="list_credit_limits", **LOOK)
async def list_credit_limits(
    request: Request, response: Response, partner: UUID, page: Page, _: Writer, session: Session
) -> PageBody[LimitOut]:
    """Every limit that was set, by whom and why; newest first."""
    found, cursor = await service.limits(session, partner, page)
    link_next(request, response, cursor)
    return PageBody[LimitOut](items=found, next=cursor)


@accounts.post("/{partner}/payments", operation_id="record_payment", **PAY)
async def record_payment(
    partner: UUID, body: PaymentIn, caller: Writer, session: Session, now: Now, once: Command
) -> Response:
    """Record a partner's payment: a top-up, or for what it owes."""
    paid = await service.pay(session, partner, body, caller=caller, once=once, now=now)
    return paid.response()


@accounts.get("/{partner}/payments", operation_id="list_payments", **LOOK)
async def list_payments(
    request: Request, response: Response, partner: UUID, page: Page, _: Writer, session: Session
) -> PageBody[PaymentOut]:
    """A partner's payments, newest first."""
    found, cursor = await service.payments(session, partner, page)
    link_next(request, response, cursor)
    return PageBody[PaymentOut](items=found, next=cursor)


@reversals.post("/{payment_id}/reverse", operation_id="reverse_payment", **PAY)
async def reverse_payment(
    payment_id: UUID, body: ReversalIn, caller: Writer, session: Session, now: Now, once: Command
) -> Response:
    """Take a payment back that was returned or recorded in error."""
    answer = await service.reverse(session, payment_id, body, caller=caller, once=once, now=now)
    return answer.response()
