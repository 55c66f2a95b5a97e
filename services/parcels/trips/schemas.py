"""What vehicles, trips and the fleet's work look like on the wire."""

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from services.parcels.transport.domain import Mode
from services.parcels.transport.schemas import Items, Kilograms, LineCode, Request
from services.parcels.trips.domain import Status
from shared.fields import Day, Instant
from shared.text import text

VehicleCode = Annotated[
    str, Field(max_length=30, pattern=r"^[A-Z0-9][A-Z0-9-]{0,29}$", examples=["24B345-14"])
]
TripCode = Annotated[
    str,
    Field(
        max_length=41,
        pattern=r"^[A-Z0-9][A-Z0-9-]{1,29}\.[0-9]{4}-[0-9]{2}-[0-9]{2}$",
        description="The line's code and its day.",
        examples=["AHV-DEZ-1.2019-03-21"],
    ),
]
CallNumber = Annotated[int, Field(ge=1, le=30)]
Load = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]


class VehicleIn(Request):
    """`plate` as it is written on it."""

    plate: Annotated[str, text(1, 40)]
    mode: Mode
    capacity_items: Items
    capacity_kg: Kilograms
    active: Annotated[bool, Field(strict=True)] = True


class NewVehicle(VehicleIn):
    code: VehicleCode


class VehicleOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    code: str
    plate: str
    mode: Mode
    capacity_items: int
    capacity_kg: int
    active: bool
    version: int
    updated_at: datetime


class NewTrip(Request):
    line: LineCode
    day: Day
    vehicle: VehicleCode | None = None


class Assignment(Request):
    vehicle: VehicleCode | None


class Cancellation(Request):
    reason: Annotated[str, text(3, 200)]


class DepartureIn(Request):
    """`at`: now, if it is left out; `items` and `weight_kg`: on board as it left."""

    at: Instant | None = None
    items: Load | None = None
    weight_kg: Load | None = None


class ArrivalIn(Request):
    """`driven_km`: of the whole trip, told at its end; else the line's distance counts."""

    at: Instant | None = None
    driven_km: Annotated[int, Field(strict=True, ge=0, le=40_000)] | None = None


class TripCallOut(BaseModel):
    """Planned (`arrives_at`, `departs_at`), recorded (`…ed_at`) and, where it is to come, expected.

    What is expected is the plan, moved by the delay that is known.
    """

    call: int
    office: str
    arrives_at: datetime | None
    departs_at: datetime | None
    arrived_at: datetime | None
    departed_at: datetime | None
    expected_arrival_at: datetime | None
    expected_departure_at: datetime | None
    items: int | None
    weight_kg: int | None


class TripOut(BaseModel):
    trip: str
    line: str
    day: date
    mode: Mode
    status: Status
    vehicle: str | None
    capacity_items: int
    capacity_kg: int
    distance_km: int
    driven_km: int | None
    delay_min: int
    reason: str | None
    version: int
    calls: list[TripCallOut]


class FleetRow(BaseModel):
    """A vehicle's work in a period; load factors: what was on board at departures that told it.

    Of the vehicle's capacity, in per cent; null where none was told.
    """

    model_config = ConfigDict(from_attributes=True)

    vehicle: str
    plate: str
    mode: Mode
    trips: int
    kilometres: int
    items_load_percent: float | None
    weight_load_percent: float | None
    mean_delay_min: float | None
