"""Events that offices publishes: `office.created`, `.changed`, `.suspended`, `.reopened`."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from shared.calendar import Hours

OfficeEventType = Literal["office.created", "office.changed", "office.suspended", "office.reopened"]


class GateState(BaseModel):
    """May it book an item at `t`: `t < until`; where that is null, if `open`.

    `until` of an open gate is when it will close as things stand, of a closed one when it did.
    `products` and `weight_max_g` limit what may be booked.
    """

    open: bool
    until: datetime | None
    reason: str | None
    products: list[str] | None
    weight_max_g: int | None


class OfficeState(BaseModel):
    """What a sister may keep of an office; `id` is the integer within its code."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    id: int
    name: str
    kind: str
    town: str
    town_name: str
    county: str
    province: str
    latitude: float
    longitude: float
    hours: Hours
    status: str
    sorting_centre: str | None
    gate: GateState
    version: int


class OfficeEvent(BaseModel):
    """The whole state after the event, so that a consumer needs the newest version only."""

    office: OfficeState


def office_event(office: Any) -> dict[str, Any]:
    """The payload that tells an office (anything with its attributes) as it is now."""
    return OfficeEvent(office=OfficeState.model_validate(office)).model_dump(mode="json")
