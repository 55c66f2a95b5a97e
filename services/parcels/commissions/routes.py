"""HTTP of commissions, deductions from them and their monthly statements; for staff."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response

from services.parcels.commissions import service
from services.parcels.commissions.schemas import (
    CommissionOut,
    DeductionIn,
    DeductionOut,
    IssueIn,
    ItemOut,
)
from services.parcels.commissions.service import Format
from services.parcels.dependencies import Caller, Command, Now, Offices, Page, Session, require
from services.parcels.invoices.schemas import MonthText
from shared.errors import responses
from shared.fields import OfficeCode
from shared.pagination import PageBody, link_next

commissions = APIRouter(prefix="/v1/commissions", tags=["commissions"])
deductions = APIRouter(prefix="/v1/commission-deductions", tags=["commissions"])
statements = APIRouter(prefix="/v1/commission-statements", tags=["commissions"])

WRITE: Final = "accounts:write"
Writer = Annotated[Caller, Depends(require(WRITE))]
MEDIA_TYPES: Final = {"json": "application/json", "csv": "text/csv"}
LOOK: dict[str, Any] = {
    "responses": responses(401, 403, 404, 422, 503),
    "openapi_extra": {"x-scope": WRITE},
}
COMMAND: dict[str, Any] = {
    "status_code": 201,
    "responses": responses(400, 401, 403, 404, 409, 413, 422, 503),
    "openapi_extra": {"x-scope": WRITE},
}


@commissions.get("/{office}/{month}", operation_id="get_commission", **LOOK)
async def get_commission(
    office: OfficeCode, month: MonthText, _: Writer, session: Session, offices: Offices
) -> CommissionOut:
    """An office's month: as issued, or as far as counted."""
    return await service.of_month(session, offices, office, month)


@commissions.get("/{office}/{month}/items", operation_id="list_commission_items", **LOOK)
async def list_commission_items(
    request: Request,
    response: Response,
    office: OfficeCode,
    month: MonthText,
    page: Page,
    _: Writer,
    session: Session,
    offices: Offices,
) -> PageBody[ItemOut]:
    """The items that an office's month counts, each with its commission."""
    found, cursor = await service.items(session, offices, office, month, page)
    link_next(request, response, cursor)
    return PageBody[ItemOut](items=found, next=cursor)


@deductions.post("", operation_id="deduct_from_commission", response_model=DeductionOut, **COMMAND)
async def deduct_from_commission(
    body: DeductionIn, caller: Writer, session: Session, offices: Offices, now: Now, once: Command
) -> Response:
    """Take from an office's commission what it has to bear."""
    done = await service.deduct(session, offices, body, caller=caller, once=once, now=now)
    return done.response()


@deductions.get("", operation_id="list_commission_deductions", **LOOK)
async def list_commission_deductions(
    request: Request,
    response: Response,
    office: Annotated[OfficeCode, Query()],
    page: Page,
    _: Writer,
    session: Session,
    offices: Offices,
) -> PageBody[DeductionOut]:
    """Of an office, newest first."""
    found, cursor = await service.deductions(session, offices, office, page)
    link_next(request, response, cursor)
    return PageBody[DeductionOut](items=found, next=cursor)


@statements.post(
    "", operation_id="issue_commission_statement", response_model=CommissionOut, **COMMAND
)
async def issue_commission_statement(
    body: IssueIn, caller: Writer, session: Session, offices: Offices, now: Now, once: Command
) -> Response:
    """Close an office's month; what comes late for it is in a later month's statement."""
    issued = await service.issue(session, offices, body, caller=caller, once=once, now=now)
    return issued.response()


@statements.get("", operation_id="list_commission_statements", **LOOK)
async def list_commission_statements(
    request: Request,
    response: Response,
    month: Annotated[MonthText, Query()],
    page: Page,
    _: Writer,
    session: Session,
    offices: Offices,
) -> PageBody[CommissionOut]:
    """Of a month, by office."""
    found, cursor = await service.statements(session, offices, month, page)
    link_next(request, response, cursor)
    return PageBody[CommissionOut](items=found, next=cursor)


@statements.get(
    "/{office}/{month}",
    operation_id="get_commission_statement",
    response_model=CommissionOut,
    responses={
        200: {"content": {"text/csv": {"schema": {"type": "string"}}}},
        **responses(401, 403, 404, 422, 503),
    },
    openapi_extra={"x-scope": WRITE},
)
async def get_commission_statement(
    office: OfficeCode,
    month: MonthText,
    _: Writer,
    session: Session,
    offices: Offices,
    what: Annotated[Format, Query(alias="format")] = "json",
) -> Response:
    """A statement as it was issued, as JSON or CSV."""
    body, headers = await service.statement(session, offices, office, month, what)
    return Response(body, media_type=MEDIA_TYPES[what], headers=headers)
