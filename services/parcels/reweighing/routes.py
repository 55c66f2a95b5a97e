"""HTTP of measurements."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request, Response

from services.parcels.dependencies import (
    Caller,
    Command,
    Now,
    Offices,
    Page,
    Prices,
    Session,
    answer_once,
    require,
)
from services.parcels.reweighing import service
from services.parcels.reweighing.schemas import (
    Contest,
    ContestDecision,
    MeasurementOut,
    NewMeasurement,
)
from services.parcels.reweighing.service import Known
from shared.errors import responses
from shared.pagination import PageBody, link_next

router = APIRouter(prefix="/v1", tags=["measurements"])

Booker = Annotated[Caller, Depends(require("parcels:book"))]
Reader = Annotated[Caller, Depends(require("parcels:read"))]
Scanner = Annotated[Caller, Depends(require("scans:write"))]
Decider = Annotated[Caller, Depends(require("custody:decide"))]
BarcodePath = Annotated[str, Path(max_length=40)]
COMMAND: dict[str, Any] = {
    "response_model": MeasurementOut,
    "responses": responses(400, 401, 403, 404, 409, 413, 422, 503),
}


@router.post(
    "/parcels/{barcode}/measurements",
    status_code=201,
    operation_id="measure_parcel",
    openapi_extra={"x-scope": "scans:write"},
    **COMMAND,
)
async def measure_parcel(
    barcode: BarcodePath,
    body: NewMeasurement,
    caller: Scanner,
    session: Session,
    offices: Offices,
    prices: Prices,
    now: Now,
    command: Command,
) -> Response:
    """Record what a parcel was measured to be.

    Where another price is due under the tariff of its booking, it costs that from now on.
    """
    known = Known(offices, prices)
    return await answer_once(
        session,
        command,
        lambda: service.measure(session, known, barcode, body, caller=caller, now=now),
    )


@router.get(
    "/parcels/{barcode}/measurements",
    operation_id="list_measurements",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra={"x-scope": "parcels:read"},
)
async def list_measurements(
    barcode: BarcodePath, caller: Reader, session: Session, offices: Offices
) -> list[MeasurementOut]:
    """What one of your parcels was measured to be, newest first."""
    return await service.of_parcel(session, offices, barcode, caller)


@router.post(
    "/parcels/{barcode}/measurements/{measurement_id}/contest",
    operation_id="contest_measurement",
    responses=responses(401, 403, 404, 409, 413, 422, 503),
    openapi_extra={"x-scope": "parcels:book"},
)
async def contest_measurement(
    barcode: BarcodePath,
    measurement_id: UUID,
    body: Contest,
    caller: Booker,
    session: Session,
    offices: Offices,
    now: Now,
) -> MeasurementOut:
    """Contest, in time, a measurement by which a parcel of yours costs something else."""
    return await service.contest(
        session, offices, barcode, measurement_id, body.reason, caller=caller, now=now
    )


@router.post(
    "/parcels/{barcode}/measurements/{measurement_id}/decide",
    operation_id="decide_measurement",
    openapi_extra={"x-scope": "custody:decide"},
    **COMMAND,
)
async def decide_measurement(
    barcode: BarcodePath,
    measurement_id: UUID,
    body: ContestDecision,
    caller: Decider,
    session: Session,
    offices: Offices,
    now: Now,
    command: Command,
) -> Response:
    """Uphold a contested measurement, or let the price before it hold again."""
    return await answer_once(
        session,
        command,
        lambda: service.decide(
            session, offices, barcode, measurement_id, body, caller=caller, now=now
        ),
        status=200,
    )


@router.get(
    "/contested-measurements",
    operation_id="list_contested_measurements",
    responses=responses(401, 403, 422, 503),
    openapi_extra={"x-scope": "custody:decide"},
)
async def list_contested_measurements(
    request: Request,
    response: Response,
    page: Page,
    _: Decider,
    session: Session,
    offices: Offices,
) -> PageBody[MeasurementOut]:
    """What is contested and not decided yet."""
    found, cursor = await service.contested(session, offices, page)
    link_next(request, response, cursor)
    return PageBody[MeasurementOut](items=found, next=cursor)
