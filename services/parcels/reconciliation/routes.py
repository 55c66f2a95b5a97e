"""HTTP of reconciliations: a partner's own, and any for staff."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path
from fastapi.responses import StreamingResponse

from services.parcels.dependencies import Caller, Database, Session, require
from services.parcels.reconciliation import service
from services.parcels.reconciliation.schemas import ReconciliationOut
from shared.errors import responses
from shared.fields import Day

own = APIRouter(prefix="/v1/reconciliations", tags=["accounts"])
any_partner = APIRouter(prefix="/v1/postage-accounts/{partner}/reconciliations", tags=["accounts"])

READ, WRITE = "parcels:read", "accounts:write"
Reader = Annotated[Caller, Depends(require(READ))]
Writer = Annotated[Caller, Depends(require(WRITE))]
DayPath = Annotated[Day, Path(description="A day in Tehran, Gregorian.")]
CSV: Final = "text/csv"
FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {CSV: {"schema": {"type": "string"}}}},
    **responses(401, 403, 422, 503),
}


@own.get(
    "/{day}",
    operation_id="get_own_reconciliation",
    responses=responses(401, 403, 422, 503),
    openapi_extra={"x-scope": READ},
)
async def get_own_reconciliation(
    day: DayPath, caller: Reader, session: Session
) -> ReconciliationOut:
    """Your day in sums: bookings, deliveries, charges, COD."""
    return await service.sums(session, caller.account, day)


@own.get(
    "/{day}/file",
    operation_id="get_own_reconciliation_file",
    response_class=StreamingResponse,
    responses=FILE,
    openapi_extra={"x-scope": READ},
)
async def get_own_reconciliation_file(
    day: DayPath, caller: Reader, database: Database
) -> StreamingResponse:
    """Your day, entry by entry, as CSV; the sums tell whether it is whole."""
    return StreamingResponse(service.file(database, caller.account, day), media_type=CSV)


@any_partner.get(
    "/{day}",
    operation_id="get_reconciliation",
    responses=responses(401, 403, 422, 503),
    openapi_extra={"x-scope": WRITE},
)
async def get_reconciliation(
    partner: UUID, day: DayPath, _: Writer, session: Session
) -> ReconciliationOut:
    """A partner's day in sums."""
    return await service.sums(session, partner, day)


@any_partner.get(
    "/{day}/file",
    operation_id="get_reconciliation_file",
    response_class=StreamingResponse,
    responses=FILE,
    openapi_extra={"x-scope": WRITE},
)
async def get_reconciliation_file(
    partner: UUID, day: DayPath, _: Writer, database: Database
) -> StreamingResponse:
    """A partner's day, entry by entry, as CSV."""
    return StreamingResponse(service.file(database, partner, day), media_type=CSV)
