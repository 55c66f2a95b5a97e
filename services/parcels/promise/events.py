"""Payloads of the promise: its terms, declared pauses, and what becomes of items."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

TERMS_PUBLISHED = "promise_terms.published"
PAUSE_DECLARED = "promise_pause.declared"
PAUSE_ENDED = "promise_pause.ended"
PROMISE_CHANGED = "parcel.promise_changed"
BREACHED = "promise.breached"
BREACH_WITHDRAWN = "promise.breach_withdrawn"
AT_RISK = "promise.at_risk"


class _State(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class TargetState(_State):
    product: str
    distance_class: str
    target_hours: int
    clock: str
    cutoff: str | None


class TermsState(_State):
    code: str
    valid_from: date
    source: str
    targets: list[TargetState]


class TermsEvent(BaseModel):
    promise_terms: TermsState


class PauseState(_State):
    """`ends_at` null: it goes on; where it began: it never was."""

    id: UUID
    province: str
    town: str | None
    starts_at: datetime
    ends_at: datetime | None
    reason: str


class PauseEvent(BaseModel):
    promise_pause: PauseState


class PromisedItem(BaseModel):
    """One item of `parcel.promise_changed`; `previous` is what was promised before."""

    barcode: str
    partner: str
    reference: str | None
    promised_at: datetime
    previous: datetime
    version: int
    backfill: bool


class BreachItem(BaseModel):
    """One item of `promise.breached` and `promise.breach_withdrawn`."""

    barcode: str
    partner: str
    reference: str | None
    product: str
    origin_office: str
    status: str
    promised_at: datetime
    backfill: bool


class RiskItem(BreachItem):
    """One item of `promise.at_risk`: `expected_at` is later than `promised_at`."""

    expected_at: datetime


def terms_event(terms: Any) -> dict[str, Any]:
    """The payload that tells terms (anything with their attributes)."""
    return TermsEvent(promise_terms=TermsState.model_validate(terms)).model_dump(mode="json")


def pause_event(pause: Any) -> dict[str, Any]:
    return PauseEvent(promise_pause=PauseState.model_validate(pause)).model_dump(mode="json")
