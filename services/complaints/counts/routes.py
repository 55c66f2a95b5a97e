"""HTTP of the counts, for a sister service."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from services.complaints.counts import service
from services.complaints.counts.schemas import OpenCounts
from services.complaints.dependencies import Session, Sister
from shared.errors import responses
from shared.fields import OfficeCode

router = APIRouter(prefix="/internal", tags=["internal"])


@router.get(
    "/open-cases",
    operation_id="internal_open_cases",
    responses=responses(401, 403, 422, 503),
    openapi_extra={"x-scope": "internal"},
)
async def open_cases(
    session: Session,
    _: Sister,
    office: Annotated[OfficeCode | None, Query()] = None,
    partner: Annotated[UUID | None, Query()] = None,
) -> OpenCounts:
    """About an office, or filed by a partner: those that are not closed."""
    return await service.still_open(session, office, partner)
