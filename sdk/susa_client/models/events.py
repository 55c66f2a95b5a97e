"""What partners are told of, by the type of the event. Fields that an event may lack are None."""

from typing import Any, Final

from pydantic import AwareDatetime

from susa_client.models.base import Answer


class OfParcel(Answer):
    barcode: str
    reference: str | None = None


class ParcelItem(OfParcel):
    version: int
    product: str | None = None
    channel: str | None = None


class ParcelBooked(ParcelItem):
    origin_office: str | None = None
    booked_at: AwareDatetime | None = None


class ParcelCancelled(ParcelItem):
    origin_office: str | None = None
    status: str | None = None
    previous: str | None = None
    reason: str | None = None
    cancelled_at: AwareDatetime | None = None


class ParcelStatusChanged(ParcelItem):
    event: str
    event_id: str
    office: str | None = None
    status: str
    previous: str | None = None
    occurred_at: AwareDatetime
    accepted_at: AwareDatetime | None = None


class ParcelCorrected(ParcelStatusChanged):
    """What was told before is otherwise: take this status instead."""

    declared: str | None = None
    corrective_event_ids: tuple[str, ...] = ()


class ParcelPromiseChanged(ParcelItem):
    promised_at: AwareDatetime
    previous: AwareDatetime


class PromiseBroken(OfParcel):
    product: str
    origin_office: str
    status: str
    promised_at: AwareDatetime


class PromiseAtRisk(PromiseBroken):
    expected_at: AwareDatetime


class PaymentOrderAnswered(Answer):
    """What became of a payment to you."""

    id: str
    purpose: str
    reference: str
    amount_rials: int
    status: str
    version: int
    trace_number: str | None = None
    return_trace_number: str | None = None
    reason: str | None = None
    answered_at: AwareDatetime | None = None


class InvoiceIssued(Answer):
    number: str
    month: str
    opening_rials: int
    charges_rials: int
    vat_rials: int
    payments_rials: int
    closing_rials: int


class CaseChanged(Answer):
    number: str
    kind: str
    barcode: str | None = None
    office: str | None = None
    category: str
    remedy: str | None = None
    severity: str
    status: str
    filed_at: AwareDatetime
    answered_at: AwareDatetime | None = None
    closed_at: AwareDatetime | None = None
    version: int


class ClaimChanged(Answer):
    id: str
    barcode: str
    cause: str
    status: str
    amount_rials: int | None = None
    supplements: str | None = None
    reason: str | None = None
    claimed_on: str
    reopened_at: AwareDatetime | None = None
    version: int


class Unknown(Answer):
    """A type that this version has no model of; `data` as it came."""

    data: dict[str, Any]


OF_TYPE: Final[dict[str, type[Answer]]] = {
    "parcel.booked": ParcelBooked,
    "parcel.cancelled": ParcelCancelled,
    "parcel.status_changed": ParcelStatusChanged,
    "parcel.promise_changed": ParcelPromiseChanged,
    "parcel.corrected": ParcelCorrected,
    "promise.at_risk": PromiseAtRisk,
    "promise.breached": PromiseBroken,
    "promise.breach_withdrawn": PromiseBroken,
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


def told(type_: str, data: dict[str, Any]) -> Answer:
    """The data of an event, typed."""
    model = OF_TYPE.get(type_)
    return Unknown(data=data) if model is None else model.model_validate(data)
