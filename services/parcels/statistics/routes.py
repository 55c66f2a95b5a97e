"""HTTP of the statistics."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from services.parcels.dependencies import Caller, Session, require
from services.parcels.statistics import service
from services.parcels.statistics.schemas import Tasks, Volumes
from shared.calendar import Period
from shared.errors import responses
from shared.fields import PeriodText

router = APIRouter(prefix="/v1/statistics", tags=["statistics"])
Reader = Annotated[Caller, Depends(require("reports:read"))]
PeriodQuery = Annotated[PeriodText, Query(description="1397, 1398-H1, 1397-05 or 1397-05-12")]


@router.get(
    "/volumes",
    operation_id="volumes",
    responses=responses(401, 403, 422),
    openapi_extra={"x-scope": "reports:read"},
)
async def volumes(session: Session, _: Reader, period: PeriodQuery) -> Volumes:
    """Items accepted in a Jalali period by product and channel, with growth on the year before."""
    return await service.volumes(session, Period.parse(period))


@router.get(
    "/tasks",
    operation_id="tasks",
    responses=responses(401, 403, 422),
    openapi_extra={"x-scope": "reports:read"},
)
async def tasks(session: Session, _: Reader, period: PeriodQuery) -> Tasks:
    """Tasks done in a Jalali period by kind of office: who accepts, sorts, moves and delivers."""
    return await service.tasks(session, Period.parse(period))
