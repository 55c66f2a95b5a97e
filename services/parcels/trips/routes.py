"""HTTP of vehicles, trips and the fleet's work."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from services.parcels.dependencies import Caller, Effect, Now, Page, Session, require
from services.parcels.transport.schemas import LineCode
from services.parcels.trips import service, vehicles
from services.parcels.trips.domain import Status
from services.parcels.trips.schemas import (
    ArrivalIn,
    Assignment,
    CallNumber,
    Cancellation,
    DepartureIn,
    FleetRow,
    NewTrip,
    NewVehicle,
    TripCode,
    TripOut,
    VehicleCode,
    VehicleIn,
    VehicleOut,
)
from shared.calendar import Period
from shared.errors import responses
from shared.fields import Day, PeriodText
from shared.pagination import PageBody, link_next

register = APIRouter(prefix="/v1/vehicles", tags=["transport"])
router = APIRouter(prefix="/v1/trips", tags=["transport"])
fleet = APIRouter(prefix="/v1/fleet", tags=["transport"])

WRITE, REPORTS = "transport:write", "reports:read"
Planner = Annotated[Caller, Depends(require(WRITE))]
Reader = Annotated[Caller, Depends(require(REPORTS))]
LIST: dict[str, Any] = {
    "responses": responses(401, 403, 422, 503),
    "openapi_extra": {"x-scope": REPORTS},
}
GET: dict[str, Any] = {
    "responses": responses(401, 403, 404, 422, 503),
    "openapi_extra": {"x-scope": REPORTS},
}
CREATE: dict[str, Any] = {
    "status_code": 201,
    "responses": responses(400, 401, 403, 409, 413, 422, 503),
    "openapi_extra": {"x-scope": WRITE},
}
CHANGE: dict[str, Any] = {
    "responses": responses(400, 401, 403, 404, 409, 413, 422, 503),
    "openapi_extra": {"x-scope": WRITE},
}


@register.get("", operation_id="list_vehicles", **LIST)
async def list_vehicles(
    request: Request,
    response: Response,
    page: Page,
    _: Reader,
    session: Session,
) -> PageBody[VehicleOut]:
    """By code; retired ones too."""
    found, cursor = await vehicles.listing(session, page)
    link_next(request, response, cursor)
    return PageBody[VehicleOut](items=found, next=cursor)


@register.post("", operation_id="create_vehicle", response_model=VehicleOut, **CREATE)
async def create_vehicle(
    body: NewVehicle, _: Planner, session: Session, now: Now, once: Effect
) -> Response:
    return (await vehicles.create(session, body, once=once, now=now)).response()


@register.get("/{vehicle}", operation_id="get_vehicle", **GET)
async def get_vehicle(vehicle: VehicleCode, _: Reader, session: Session) -> VehicleOut:
    return await vehicles.get(session, vehicle)


@register.put("/{vehicle}", operation_id="change_vehicle", **CHANGE)
async def change_vehicle(
    vehicle: VehicleCode, body: VehicleIn, _: Planner, session: Session, now: Now
) -> VehicleOut:
    """The whole of it anew; `active: false` retires it."""
    return await vehicles.change(session, vehicle, body, now=now)


@router.get("", operation_id="list_trips", **LIST)
async def list_trips(
    request: Request,
    response: Response,
    page: Page,
    _: Reader,
    session: Session,
    now: Now,
    first: Annotated[Day | None, Query(alias="from_day", description="Else today.")] = None,
    last: Annotated[Day | None, Query(alias="until_day", description="The last day.")] = None,
    line: LineCode | None = None,
    vehicle: VehicleCode | None = None,
    status: Status | None = None,
) -> PageBody[TripOut]:
    """By day and line."""
    wanted = {"line": line, "vehicle": vehicle, "status": status}
    found, cursor = await service.listing(session, (first, last), wanted, page, now)
    link_next(request, response, cursor)
    return PageBody[TripOut](items=found, next=cursor)


@router.post("", operation_id="plan_trip", response_model=TripOut, **CREATE)
async def plan_trip(
    body: NewTrip, _: Planner, session: Session, now: Now, once: Effect
) -> Response:
    """Further ahead than the two days that are planned by themselves."""
    return (await service.plan(session, body, once=once, now=now)).response()


@router.get("/{trip}", operation_id="get_trip", **GET)
async def get_trip(trip: TripCode, _: Reader, session: Session) -> TripOut:
    return await service.get(session, trip)


@router.put("/{trip}/vehicle", operation_id="assign_vehicle", **CHANGE)
async def assign_vehicle(
    trip: TripCode, body: Assignment, _: Planner, session: Session, now: Now
) -> TripOut:
    return await service.assign(session, trip, body, now=now)


@router.put("/{trip}/calls/{call}/departure", operation_id="record_departure", **CHANGE)
async def record_departure(
    trip: TripCode, call: CallNumber, body: DepartureIn, caller: Planner, session: Session, now: Now
) -> TripOut:
    """It has left a call, and with what on board; again with another time corrects it."""
    return await service.depart(session, trip, call, body, caller=caller, now=now)


@router.put("/{trip}/calls/{call}/arrival", operation_id="record_arrival", **CHANGE)
async def record_arrival(
    trip: TripCode, call: CallNumber, body: ArrivalIn, caller: Planner, session: Session, now: Now
) -> TripOut:
    return await service.arrive(session, trip, call, body, caller=caller, now=now)


@router.post("/{trip}/cancel", operation_id="cancel_trip", **CHANGE)
async def cancel_trip(
    trip: TripCode, body: Cancellation, _: Planner, session: Session, now: Now
) -> TripOut:
    """It does not run: routes and estimates go without it from now on."""
    return await service.cancel(session, trip, body, now=now)


@fleet.get("", operation_id="get_fleet", **LIST)
async def get_fleet(
    request: Request,
    response: Response,
    page: Page,
    _: Reader,
    session: Session,
    period: Annotated[PeriodText, Query(description="1397, 1398-H1, 1397-05 or 1397-05-12")],
) -> PageBody[FleetRow]:
    """What vehicles did in a Jalali period: trips, kilometres, how full they were."""
    found, cursor = await vehicles.fleet(session, Period.parse(period), page)
    link_next(request, response, cursor)
    return PageBody[FleetRow](items=found, next=cursor)
