"""HTTP of the overviews, for a sister service."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from services.parcels.dependencies import Caller, Database, Now, Offices, require
from services.parcels.overviews import service
from services.parcels.overviews.schemas import OfficeFigures, PartnerFigures
from shared.calendar import Period
from shared.errors import responses
from shared.fields import OfficeCode, PeriodText

router = APIRouter(prefix="/internal", tags=["internal"])
Sister = Annotated[Caller, Depends(require("internal"))]
INTERNAL: Final[dict[str, Any]] = {"x-scope": "internal"}


@router.get(
    "/partners/{account}/figures",
    operation_id="partner_figures",
    responses=responses(401, 403, 422, 503),
    openapi_extra=INTERNAL,
)
async def partner_figures(
    account: UUID,
    database: Database,
    now: Now,
    _: Sister,
    period: Annotated[PeriodText, Query()],
) -> PartnerFigures:
    """A partner's bookings of a period, and the cash that it is due."""
    return await service.partner(database, account, Period.parse(period), now)


@router.get(
    "/offices/{code}/figures",
    operation_id="office_figures",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra=INTERNAL,
)
async def office_figures(
    code: OfficeCode, database: Database, offices: Offices, now: Now, _: Sister
) -> OfficeFigures:
    """What waits at an office, and the cash in its drawer."""
    return await service.office(database, offices, code, now)
