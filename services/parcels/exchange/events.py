"""Payloads of the exchange. What a hand-over does to items is told as scans are (`parcel.…`)."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

OPERATOR_REGISTERED = "operator.registered"
OPERATOR_ENDED = "operator.ended"
DISPATCH_CREATED = "dispatch.created"
DISPATCH_FILLED = "dispatch.filled"
DISPATCH_CLOSED = "dispatch.closed"
DISPATCH_HANDED_OVER = "dispatch.handed_over"
PRE_ADVICE_RECEIVED = "pre_advice.received"
PRE_ADVICE_COMPARED = "pre_advice.compared"


class OperatorState(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    code: str
    name: str
    country: str
    valid_from: date
    valid_until: date | None


class DispatchState(BaseModel):
    """`content`: the bags in it."""

    id: UUID
    number: str | None
    from_office: str | None
    to_office: str | None
    operator: str | None
    status: str
    receipt: str | None
    handed_over_at: datetime | None
    content: list[dict[str, Any]]


class ReceivedPreAdvice(BaseModel):
    id: UUID
    operator: str
    dispatch: str
    items: int


class ComparedPreAdvice(BaseModel):
    """A receptacle was opened: what of its list was not in it, and what was that is not listed."""

    id: UUID
    dispatch: str
    receptacle: str
    missing: list[str]
    surplus: list[str]


def told(noun: str, state: BaseModel) -> dict[str, Any]:
    return {noun: state.model_dump(mode="json")}
