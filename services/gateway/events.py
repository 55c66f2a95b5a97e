"""Gateway's own copies of the parcels events it consumes: batch events, `data.items`.

What stays inside is read and left out of what partners get; an unknown field is dropped, so that
a new internal field of parcels never leaks. Times are passed on as the text they came as.
"""

from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import override


class ParcelItem(BaseModel):
    """What every item has. `partner`: the account that booked it, none for an inbound parcel."""

    model_config = ConfigDict(extra="ignore")

    barcode: str
    version: int
    reference: str | None = None
    product: str | None = None
    channel: str | None = None
    partner: str | None = Field(exclude=True)
    backfill: bool = Field(default=False, exclude=True)

    def public(self) -> dict[str, Any]:
        """The item as its partner sees it: the fields that came, but for internal ones."""
        return self.model_dump(exclude_unset=True)

    def occurrence(self) -> str:
        """What tells two items of one parcel in one event apart."""
        return ""


class ParcelBooked(ParcelItem):
    origin_office: str | None = None
    booked_at: str | None = None


class ParcelCancelled(ParcelItem):
    origin_office: str | None = None
    status: str | None = None
    previous: str | None = None
    reason: str | None = None
    cancelled_at: str | None = None


class ParcelStatusChanged(ParcelItem):
    event: str
    event_id: str
    office: str | None = None
    status: str
    previous: str | None = None
    occurred_at: str
    accepted_at: str | None = None

    @override
    def occurrence(self) -> str:
        return self.event_id


class ParcelPromiseChanged(ParcelItem):
    promised_at: str
    previous: str

    @override
    def occurrence(self) -> str:
        return self.promised_at


class ParcelCorrected(ParcelStatusChanged):
    """What was told before is otherwise. `declared`: the event was declared wrong; its reason.

    Without it, a late scan changed when the parcel was accepted.
    """

    declared: str | None = None
    corrective_event_ids: list[str] = []


class ParcelRedirected(ParcelItem):
    to_province: str | None = None
    to_town: str | None = None
    price_before_rials: int
    price_rials: int
    redirected_at: str


class ParcelRepriced(ParcelItem):
    """`evidence`: by what it was measured; to be contested until then."""

    measurement: str
    reason: str
    tariff_version: str | None = None
    weight_before_g: int | None = None
    weight_g: int | None = None
    price_before_rials: int
    price_rials: int
    evidence: dict[str, Any]
    contest_until: str
    repriced_at: str

    @override
    def occurrence(self) -> str:
        return f"{self.measurement}/{self.reason}"


PARCEL_ITEMS: Final[dict[str, type[ParcelItem]]] = {
    "parcel.booked": ParcelBooked,
    "parcel.cancelled": ParcelCancelled,
    "parcel.status_changed": ParcelStatusChanged,
    "parcel.promise_changed": ParcelPromiseChanged,
    "parcel.corrected": ParcelCorrected,
    "parcel.redirected": ParcelRedirected,
    "parcel.repriced": ParcelRepriced,
}
