"""HTTP of bank statements: banks state their days, staff look and decide."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from services.parcels.bank_statements import service
from services.parcels.bank_statements.schemas import (
    NewStatement,
    StatementOut,
    StatementSummary,
)
from services.parcels.dependencies import (
    Caller,
    Command,
    Page,
    Session,
    answer_once,
    require,
)
from services.parcels.payments.schemas import Decision, PaymentOrderWithSteps
from shared.errors import responses
from shared.pagination import PageBody, link_next

bank = APIRouter(prefix="/v1/bank/statements", tags=["payments"])
statements = APIRouter(prefix="/v1/bank-statements", tags=["payments"])
proofs = APIRouter(prefix="/v1/payment-orders", tags=["payments"])

WRITE: Final = "accounts:write"
EXECUTE: Final = "payments:execute"
Staff = Annotated[Caller, Depends(require(WRITE))]


def _command(scope: str) -> dict[str, Any]:
    return {
        "responses": responses(400, 401, 403, 404, 409, 413, 422, 503),
        "openapi_extra": {"x-scope": scope},
    }


def _get(scope: str, *more: int) -> dict[str, Any]:
    return {
        "responses": responses(401, 403, *more, 422, 503),
        "openapi_extra": {"x-scope": scope},
    }


@bank.post(
    "",
    status_code=201,
    operation_id="state_bank_day",
    response_model=StatementOut,
    **_command(EXECUTE),
)
async def state_bank_day(
    body: NewStatement,
    caller: Annotated[Caller, Depends(require(EXECUTE))],
    session: Session,
    once: Command,
) -> Response:
    """Close a day: all that you paid for us on it, and what came back."""
    return (await service.record(session, body, caller=caller, once=once)).response()


@statements.get("", operation_id="list_bank_statements", **_get(WRITE))
async def list_bank_statements(
    request: Request,
    response: Response,
    page: Page,
    _: Staff,
    session: Session,
    bank: UUID | None = None,
) -> PageBody[StatementSummary]:
    """By bank, each one's days in order."""
    found, cursor = await service.listing(session, bank, page)
    link_next(request, response, cursor)
    return PageBody[StatementSummary](items=found, next=cursor)


@statements.get("/{statement_id}", operation_id="get_bank_statement", **_get(WRITE, 404))
async def get_bank_statement(statement_id: UUID, _: Staff, session: Session) -> StatementOut:
    """What did not fit, and what the bank confirmed but never stated."""
    return await service.get(session, statement_id)


@proofs.post(
    "/{order_id}/prove-unpaid",
    operation_id="prove_payment_order_unpaid",
    response_model=PaymentOrderWithSteps,
    **_command(WRITE),
)
async def prove_payment_order_unpaid(
    order_id: UUID, body: Decision, caller: Staff, session: Session, once: Command
) -> Response:
    """End an order without an answer: the statements of three days show that it was not paid."""
    return await answer_once(
        session,
        once,
        lambda: service.prove_unpaid(session, caller, order_id, body, once),
        status=200,
    )
