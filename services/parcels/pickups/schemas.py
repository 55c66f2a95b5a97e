"""What pickups look like on the wire."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.parcels.booking.schemas import Party
from services.parcels.couriers.schemas import CourierCode
from services.parcels.manifests.schemas import PIECES_MAX, ManifestCode
from shared.fields import Instant, OfficeCode
from shared.text import text

PickupStatus = Literal["requested", "assigned", "collected", "missed", "cancelled"]
Pieces = Annotated[int, Field(strict=True, ge=1, le=PIECES_MAX)]
KG_10_000 = 10_000_000


class NewPickup(BaseModel):
    """Where and between when parcels are to be fetched; an hour at least, a day at most."""

    model_config = ConfigDict(extra="forbid")

    office: OfficeCode
    place: Party
    window_from: Instant
    window_until: Instant
    pieces: Pieces
    weight_g: Annotated[int, Field(strict=True, ge=1, le=KG_10_000)]
    manifest: ManifestCode | None = None

    @model_validator(mode="after")
    def _a_window(self) -> Self:
        hours = (self.window_until - self.window_from).total_seconds() / 3600
        if not 1 <= hours <= 24:
            raise ValueError("`window_until` is 1 to 24 hours after `window_from`")
        return self


class Assignment(BaseModel):
    model_config = ConfigDict(extra="forbid")

    courier: CourierCode


class Collection(BaseModel):
    """What the courier took with him, counted at the door."""

    model_config = ConfigDict(extra="forbid")

    pieces: Pieces
    occurred_at: Instant | None = None


class Miss(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, text(1, 200)]


class PickupOut(BaseModel):
    """`place` is null where it was erased."""

    id: UUID
    office: str | None
    place: Party | None
    window_from: datetime
    window_until: datetime
    pieces: int
    collected_pieces: int | None
    weight_g: int
    manifest: str | None
    status: PickupStatus
    courier: str | None
    reason: str | None
    requested_at: datetime
    collected_at: datetime | None
    version: int
