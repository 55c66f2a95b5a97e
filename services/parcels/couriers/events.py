"""Payloads that tell of couriers. No person is in them."""

from typing import Any

from pydantic import BaseModel

COURIER_REGISTERED = "courier.registered"
COURIER_CHANGED = "courier.changed"
COURIER_ERASED = "courier.erased"


class CourierState(BaseModel):
    code: str
    office: str | None
    active: bool
    version: int


class CourierEvent(BaseModel):
    courier: CourierState


def courier_event(courier: CourierState) -> dict[str, Any]:
    return CourierEvent(courier=courier).model_dump(mode="json")
