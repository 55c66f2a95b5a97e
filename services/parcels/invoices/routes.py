"""HTTP of invoices: a partner's own, and all of them for staff."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.parcels.dependencies import Caller, Command, Now, Page, Session, require
from services.parcels.invoices import service
from services.parcels.invoices.domain import MEDIA_TYPES, Format
from services.parcels.invoices.schemas import (
    InvoiceOut,
    IssueIn,
    MonthText,
    ProfileIn,
    ProfileOut,
    StatementOut,
)
from shared.errors import responses
from shared.pagination import PageBody, link_next

own = APIRouter(prefix="/v1", tags=["invoices"])
invoices = APIRouter(prefix="/v1/postage-accounts/{partner}", tags=["invoices"])

READ, WRITE = "parcels:read", "accounts:write"
Reader = Annotated[Caller, Depends(require(READ))]
Writer = Annotated[Caller, Depends(require(WRITE))]
Number = Annotated[str, Path(pattern=r"^[0-9]{4}-[0-9]{6,9}$", examples=["1398-000001"])]
What = Annotated[Format, Query(alias="format")]
FILES: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "content": {
            MEDIA_TYPES["csv"]: {"schema": {"type": "string"}},
            MEDIA_TYPES["pdf"]: {"schema": {"type": "string", "format": "binary"}},
        }
    }
}
MINE: dict[str, Any] = {
    "responses": responses(401, 403, 404, 422, 503),
    "openapi_extra": {"x-scope": READ},
}
LOOK: dict[str, Any] = {
    "responses": responses(401, 403, 404, 422, 503),
    "openapi_extra": {"x-scope": WRITE},
}


@own.get("/invoices", operation_id="list_own_invoices", **MINE)
async def list_own_invoices(
    request: Request, response: Response, page: Page, caller: Reader, session: Session
) -> PageBody[InvoiceOut]:
    """Your invoices, newest first."""
    found, cursor = await service.listing(session, caller.account, page)
    link_next(request, response, cursor)
    return PageBody[InvoiceOut](items=found, next=cursor)


@own.get(
    "/invoices/{number}",
    operation_id="get_own_invoice",
    response_model=InvoiceOut,
    responses={**FILES, **responses(401, 403, 404, 422, 503)},
    openapi_extra={"x-scope": READ},
)
async def get_own_invoice(
    number: Number, caller: Reader, session: Session, what: What = "json"
) -> Response:
    """An invoice of yours, as JSON, CSV or PDF."""
    body, headers = await service.rendered(session, number, caller.account, what)
    return Response(body, media_type=MEDIA_TYPES[what], headers=headers)


@own.get("/postage-account/months/{month}", operation_id="get_own_statement", **MINE)
async def get_own_statement(month: MonthText, caller: Reader, session: Session) -> StatementOut:
    """A month of yours: what was charged and paid, as far as posted."""
    return await service.statement(session, caller.account, month)


@invoices.get("/months/{month}", operation_id="get_statement", **LOOK)
async def get_statement(
    partner: UUID, month: MonthText, _: Writer, session: Session
) -> StatementOut:
    """A partner's month as far as posted."""
    return await service.statement(session, partner, month)


@invoices.post(
    "/invoices",
    status_code=201,
    operation_id="issue_invoice",
    response_model=InvoiceOut,
    responses=responses(400, 401, 403, 409, 413, 422, 503),
    openapi_extra={"x-scope": WRITE},
)
async def issue_invoice(
    partner: UUID, body: IssueIn, caller: Writer, session: Session, now: Now, once: Command
) -> Response:
    """Issue the invoice of a month that is over; it cannot be changed after."""
    answer = await service.issue(session, partner, body, caller=caller, once=once, now=now)
    return answer.response()


@invoices.get("/invoices", operation_id="list_invoices", **LOOK)
async def list_invoices(
    request: Request, response: Response, partner: UUID, page: Page, _: Writer, session: Session
) -> PageBody[InvoiceOut]:
    """A partner's invoices, newest first."""
    found, cursor = await service.listing(session, partner, page)
    link_next(request, response, cursor)
    return PageBody[InvoiceOut](items=found, next=cursor)


@invoices.get(
    "/invoices/{number}",
    operation_id="get_invoice",
    response_model=InvoiceOut,
    responses={**FILES, **responses(401, 403, 404, 422, 503)},
    openapi_extra={"x-scope": WRITE},
)
async def get_invoice(
    partner: UUID, number: Number, _: Writer, session: Session, what: What = "json"
) -> Response:
    """An invoice of a partner, as JSON, CSV or PDF."""
    body, headers = await service.rendered(session, number, partner, what)
    return Response(body, media_type=MEDIA_TYPES[what], headers=headers)


@invoices.get("/profile", operation_id="get_billing_profile", **LOOK)
async def get_billing_profile(partner: UUID, _: Writer, session: Session) -> ProfileOut:
    """Whom the partner's invoices are made out to."""
    return await service.profile(session, partner)


@invoices.put(
    "/profile",
    operation_id="set_billing_profile",
    responses=responses(400, 401, 403, 413, 422, 503),
    openapi_extra={"x-scope": WRITE},
)
async def set_billing_profile(
    partner: UUID, body: ProfileIn, _: Writer, session: Session, now: Now
) -> ProfileOut:
    """Whom invoices from now on are made out to."""
    return await service.set_profile(session, partner, body, now)
