"""Events that offices publishes, a section a slice."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from shared.calendar import Hours

OfficeEventType = Literal[
    "office.created",
    "office.changed",
    "office.suspended",
    "office.reopened",
    "office.closed",
    "office.converted",
    "office.relocated",
    "office.transferred",
]


class OwnerState(BaseModel):
    """`name`: of a company; a person's is told to nobody."""

    kind: str
    name: str | None


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
    address: str
    postal_code: str
    latitude: float
    longitude: float
    hours: Hours
    status: str
    sorting_centre: str | None
    capacity_per_day: int | None
    capabilities: list[str]
    owner: OwnerState | None
    version: int


class OfficeEvent(BaseModel):
    """The whole state after the event, so that a consumer needs the newest version only."""

    office: OfficeState


def office_event(office: Any) -> dict[str, Any]:
    """The payload that tells an office (anything with its attributes) as it is now."""
    return OfficeEvent(office=OfficeState.model_validate(office)).model_dump(mode="json")
