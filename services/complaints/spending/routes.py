"""HTTP of the report of compensation."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.complaints.dependencies import Page, PaymentsOf, Reporter, Session
from services.complaints.rules.domain import Cause
from services.complaints.spending import service
from services.complaints.spending.schemas import PaymentOut, SpendingOut
from shared.calendar import Period
from shared.errors import responses
from shared.fields import PeriodText
from shared.pagination import PageBody, link_next

router = APIRouter(prefix="/v1/statistics", tags=["statistics"])


@router.get(
    "/compensation",
    operation_id="compensation_statistics",
    responses=responses(401, 403, 422, 503),
    openapi_extra={"x-scope": "reports:read"},
)
async def compensation_statistics(
    session: Session,
    payments: PaymentsOf,
    _: Reporter,
    period: Annotated[PeriodText, Query()],
) -> SpendingOut:
    """Compensation paid in a Jalali year, half, month or day: by cause, per thousand items."""
    return await service.report(session, payments, Period.parse(period))


@router.get(
    "/compensation/payments",
    operation_id="compensation_payments",
    responses=responses(401, 403, 422, 503),
    openapi_extra={"x-scope": "reports:read"},
)
async def compensation_payments(
    request: Request,
    response: Response,
    session: Session,
    _: Reporter,
    page: Page,
    period: Annotated[PeriodText, Query()],
    cause: Cause | None = None,
) -> PageBody[PaymentOut]:
    """The payments that a period's compensation counts, and those that came back in it."""
    items, following = await service.payments_of(session, Period.parse(period), cause, page)
    link_next(request, response, following)
    return PageBody[PaymentOut](items=items, next=following)
