"""What measurements look like on the wire."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.parcels.booking.schemas import Sides
from services.parcels.reweighing.events import MeasurementState
from services.parcels.tariff.schemas import WeightG
from shared.fields import Instant, OfficeCode
from shared.text import text

Reason = Annotated[str, text(3, 500)]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewMeasurement(_Request):
    """`measurement_id` makes it the same measurement however often it is sent."""

    measurement_id: UUID
    office: OfficeCode
    device: Annotated[str, text(1, 60)]
    weight_g: WeightG
    size: Sides | None = None
    photo_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    measured_at: Instant


class Contest(_Request):
    reason: Reason


class ContestDecision(_Request):
    decision: Literal["upheld", "reversed"]
    reason: Reason


class MeasurementOut(MeasurementState):
    pass
