"""HTTP of the report of compensation."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.complaints.dependencies import PaymentsOf, Reporter, Session
from services.complaints.spending import service
from services.complaints.spending.schemas import SpendingOut
from shared.calendar import Period
from shared.errors import responses
from shared.fields import PeriodText

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
