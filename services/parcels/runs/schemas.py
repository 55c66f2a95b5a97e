"""What runs look like on the wire."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.parcels.booking.schemas import StatusName
from services.parcels.couriers.schemas import CourierCode
from services.parcels.runs.domain import STOPS_MAX, Outcome, RunStatus
from services.parcels.tariff.schemas import ProductName
from shared.fields import BarcodeText, Day, Instant

Stops = Annotated[list[BarcodeText], Field(min_length=1, max_length=STOPS_MAX)]
OccurredAt = Annotated[
    Instant | None,
    Field(
        description="When it was: now, if not said; up to 72 h ago from a device that was offline,"
        " any time with the scope `backfill`."
    ),
]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewRun(_Request):
    """Stops in the order in which the courier is to go; `day`: today, if not said."""

    courier: CourierCode
    day: Day | None = None
    stops: Stops


class StopsIn(_Request):
    stops: Stops


class At(_Request):
    occurred_at: OccurredAt = None


class HandBack(At):
    stops: Stops


class StopOut(BaseModel):
    barcode: str
    position: int
    status: StatusName
    outcome: Outcome
    settled_at: datetime | None


class RunSummary(BaseModel):
    id: UUID
    courier: str
    office: str | None
    day: date
    status: RunStatus
    planned_at: datetime
    started_at: datetime | None
    closed_at: datetime | None
    version: int


class RunOut(RunSummary):
    stops: list[StopOut]


class SheetPerson(BaseModel):
    name: str
    phone: str
    address: str
    postal_code: str | None


class SheetStop(StopOut):
    """`recipient`: for staff, while it is still to be delivered; null also once erased.

    To be collected at the door: `cod_rials`, and `postage_rials` where the recipient pays it.
    """

    product: ProductName
    weight_g: int | None
    town: str | None
    recipient: SheetPerson | None
    cod_rials: int
    postage_rials: int
    addressee_only: bool
    national_card: bool


class SheetOut(RunSummary):
    stops: list[SheetStop]
