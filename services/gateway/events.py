"""Gateway's own copies of the events of parcels and complaints that it consumes.

An event tells of items (`data.items`) or of one thing under its noun. What stays inside is read
and left out of what partners get; an unknown field is dropped, so that a new internal field of
parcels never leaks. Times are passed on as the text they came as.
"""

from abc import ABC, abstractmethod
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import override


class Told(BaseModel, ABC):
    """What every one has. `partner`: whose it is; none for an inbound parcel."""

    model_config = ConfigDict(extra="ignore")

    partner: str | None = Field(exclude=True)
    backfill: bool = Field(default=False, exclude=True)

    @abstractmethod
    def subject(self) -> str:
        """What it is about: deliveries of one subject keep their order."""

    def public(self) -> str:
        """JSON as its partner sees it: the fields that came, but for internal ones."""
        return self.model_dump_json(exclude_unset=True)

    def occurrence(self) -> str:
        """What tells two of one subject in one event apart."""
        return ""


class OfParcel(Told):
    """About one parcel: in order with all else that is told of it."""

    barcode: str

    @override
    def subject(self) -> str:
        return self.barcode


class ParcelItem(OfParcel):
    version: int
    reference: str | None = None
    product: str | None = None
    channel: str | None = None


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


class PromiseBroken(OfParcel):
    """`promise.breached`, `promise.breach_withdrawn`."""

    reference: str | None = None
    product: str
    origin_office: str
    status: str
    promised_at: str

    @override
    def occurrence(self) -> str:
        return self.promised_at


class PromiseAtRisk(PromiseBroken):
    expected_at: str


class AttemptRecorded(OfParcel):
    """A delivery in vain. `notice`: the how-manieth was left at the address."""

    event_id: str
    reason: str
    action: str
    notice: int | None = None
    office: str | None = None
    attempted_at: str


class HoldingBegun(OfParcel):
    """It waits for its recipient at an office, until then."""

    office: str | None = None
    since: str
    until: str
    status: str


class ReturnBegun(OfParcel):
    event_id: str
    destination: str
    branch: str | None = None
    office: str | None = None
    price_rials: int | None = None
    tariff: str | None = None
    started_at: str
    promised_at: str


class CustomerReturnRequested(OfParcel):
    """`barcode` is booked to carry `return_of` back."""

    return_of: str
    asked_by: str
    asked_at: str
    hand_in_until: str
    reason: str | None = None
    price_rials: int


class ManifestAccepted(Told):
    """`missing` and `surplus` are barcodes."""

    code: str
    office: str | None = None
    status: str
    pieces: int
    counted: int | None = None
    accepted_at: str | None = None
    accepted_office: str | None = None
    missing: list[str]
    surplus: list[str]
    version: int

    @override
    def subject(self) -> str:
        return f"manifest {self.code}"


class PickupChanged(Told):
    """`pickup.*`; the courier and the place stay inside."""

    id: str
    office: str | None = None
    manifest: str | None = None
    pieces: int
    collected_pieces: int | None = None
    weight_g: int
    window_from: str
    window_until: str
    status: str
    reason: str | None = None
    collected_at: str | None = None
    version: int

    @override
    def subject(self) -> str:
        return f"pickup {self.id}"


class PaymentOrderAnswered(Told):
    """What became of a payment to the partner; by whom it goes stays inside."""

    partner: str = Field(validation_alias="beneficiary", exclude=True)
    id: str
    purpose: str
    reference: str
    amount_rials: int
    status: str
    version: int
    trace_number: str | None = None
    return_trace_number: str | None = None
    reason: str | None = None
    answered_at: str | None = None

    @override
    def subject(self) -> str:
        return f"payment_order {self.id}"


class ClaimChanged(Told):
    """What becomes of compensation for one of the partner's parcels."""

    id: str
    barcode: str
    cause: str
    status: str
    amount_rials: int | None = None
    supplements: str | None = None
    reason: str | None = None
    claimed_on: str
    reopened_at: str | None = None
    version: int

    @override
    def subject(self) -> str:
        return f"claim {self.id}"


class InvoiceIssued(Told):
    number: str
    month: str
    opening_rials: int
    charges_rials: int
    vat_rials: int
    payments_rials: int
    closing_rials: int

    @override
    def subject(self) -> str:
        return f"invoice {self.number}"


class CaseChanged(Told):
    """A complaint that the partner filed; who handles it and who is liable stays inside."""

    number: str
    kind: str
    barcode: str | None = None
    office: str | None = None
    category: str
    remedy: str | None = None
    severity: str
    status: str
    filed_at: str
    answered_at: str | None = None
    closed_at: str | None = None
    version: int

    @override
    def subject(self) -> str:
        return f"case {self.number}"


TOLD: Final[dict[str, type[Told]]] = {
    "parcel.booked": ParcelBooked,
    "parcel.cancelled": ParcelCancelled,
    "parcel.status_changed": ParcelStatusChanged,
    "parcel.promise_changed": ParcelPromiseChanged,
    "parcel.corrected": ParcelCorrected,
    "parcel.redirected": ParcelRedirected,
    "parcel.repriced": ParcelRepriced,
    "promise.at_risk": PromiseAtRisk,
    "promise.breached": PromiseBroken,
    "promise.breach_withdrawn": PromiseBroken,
    "attempt.recorded": AttemptRecorded,
    "holding.begun": HoldingBegun,
    "return.begun": ReturnBegun,
    "customer_return.requested": CustomerReturnRequested,
    "manifest.accepted": ManifestAccepted,
    "pickup.requested": PickupChanged,
    "pickup.assigned": PickupChanged,
    "pickup.collected": PickupChanged,
    "pickup.missed": PickupChanged,
    "pickup.cancelled": PickupChanged,
    "payment_order.paid": PaymentOrderAnswered,
    "payment_order.refused": PaymentOrderAnswered,
    "payment_order.returned": PaymentOrderAnswered,
    "invoice.issued": InvoiceIssued,
    "case.asked": CaseChanged,
    "case.answered": CaseChanged,
    "case.accepted": CaseChanged,
    "case.contested": CaseChanged,
    "case.closed": CaseChanged,
    "case.reopened": CaseChanged,
    "claim.payee_requested": ClaimChanged,
    "claim.declined": ClaimChanged,
    "claim.paid": ClaimChanged,
    "claim.refused": ClaimChanged,
    "claim.returned": ClaimChanged,
    "claim.reopened": ClaimChanged,
}
OF_COMPLAINTS: Final = tuple(name for name in TOLD if name.startswith(("case.", "claim.")))
"""What complaints publishes; all others are parcels'."""


def told(event: dict[str, Any]) -> list[dict[str, Any]]:
    """What an event tells, one by one: its items, or the one thing under its noun."""
    data: dict[str, Any] = event["data"]
    if "items" in data:
        items: list[dict[str, Any]] = data["items"]
        return items
    noun = event["type"].partition(".")[0]
    return [{"partner": data.get("partner"), **data[noun]}]


def partner_of(raw: dict[str, Any]) -> str:
    """Whose it is, as text; empty where nobody's."""
    return raw.get("partner") or raw.get("beneficiary") or ""
