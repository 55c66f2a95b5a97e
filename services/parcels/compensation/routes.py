"""HTTP of compensation, for complaints alone: facts, payment orders, deductions."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path

from services.parcels.compensation import service
from services.parcels.compensation.schemas import (
    TRANSFERS_MAX,
    DeductionDone,
    FactsOut,
    NewDeduction,
    NewOrder,
    OrderOut,
    VoidOrder,
)
from services.parcels.dependencies import Caller, Now, Offices, Session, require
from shared.errors import responses

router = APIRouter(prefix="/internal", tags=["internal"])

Sister = Annotated[Caller, Depends(require("internal"))]
BarcodePath = Annotated[str, Path(max_length=60)]
TransferPath = Annotated[int, Path(ge=1, le=TRANSFERS_MAX)]
COMMAND: Final = responses(401, 403, 404, 409, 413, 422, 503)


@router.get(
    "/parcels/{barcode}/compensation-facts",
    operation_id="compensation_facts",
    responses=responses(401, 403, 404, 422, 503),
)
async def compensation_facts(
    barcode: BarcodePath, _: Sister, session: Session, offices: Offices
) -> FactsOut:
    """What a claim about a parcel is computed from."""
    return await service.facts(session, offices, barcode)


@router.post("/payment-orders", operation_id="order_compensation", responses=COMMAND)
async def order_compensation(
    body: NewOrder, caller: Sister, session: Session, now: Now
) -> OrderOut:
    """Order a claim's transfer to be paid; the same claim and number are the same order."""
    return await service.order(session, body, caller=caller, now=now)


@router.post(
    "/payment-orders/{claim}/{transfer}/void",
    operation_id="void_compensation",
    responses=COMMAND,
)
async def void_compensation(
    claim: UUID, transfer: TransferPath, body: VoidOrder, caller: Sister, session: Session, now: Now
) -> OrderOut:
    """Take a transfer back that no bank has fetched."""
    return await service.void(session, (claim, transfer), body, caller=caller, now=now)


@router.post("/commission-deductions", operation_id="charge_back", responses=COMMAND)
async def charge_back(
    body: NewDeduction, caller: Sister, session: Session, offices: Offices, now: Now
) -> DeductionDone:
    """Take from an office's commission what compensation cost; the same reference is the same."""
    return await service.deduct(session, offices, body, caller=caller, now=now)
