"""Events that offices publishes, a section a slice."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

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
    gate: GateState
    version: int


class OfficeEvent(BaseModel):
    """The whole state after the event, so that a consumer needs the newest version only."""

    office: OfficeState


def office_event(office: Any) -> dict[str, Any]:
    """The payload that tells an office (anything with its attributes) as it is now."""
    return OfficeEvent(office=OfficeState.model_validate(office)).model_dump(mode="json")


# history

OfficePlanEventType = Literal["office_plan.made", "office_plan.cancelled", "office_plan.dropped"]


class OfficePlanState(BaseModel):
    """A change dated ahead; its office's code, and what is to be so, names of people left out."""

    office: str
    change: str
    due_on: date
    details: dict[str, Any]


class OfficePlanEvent(BaseModel):
    plan: OfficePlanState


def plan_event(office: str, change: str, due_on: date, details: dict[str, Any]) -> dict[str, Any]:
    state = OfficePlanState(office=office, change=change, due_on=due_on, details=details)
    return OfficePlanEvent(plan=state).model_dump(mode="json")


# areas


class AreaRangeState(BaseModel):
    """Postal codes, both included."""

    first: str = Field(serialization_alias="from")
    last: str = Field(serialization_alias="to")


class AreaState(BaseModel):
    office: str
    ranges: list[AreaRangeState]
    version: int


class AreaEvent(BaseModel):
    """`area.changed`: the whole area of an office."""

    area: AreaState


def area_event(office: str, ranges: list[tuple[str, str]], version: int) -> dict[str, Any]:
    told = [AreaRangeState(first=first, last=last) for first, last in ranges]
    area = AreaState(office=office, ranges=told, version=version)
    return AreaEvent(area=area).model_dump(mode="json", by_alias=True)


# calendar

ExceptionEventType = Literal["office_exception.set", "office_exception.cleared"]
HolidayEventType = Literal["holiday.set", "holiday.cleared"]


class ExceptionState(BaseModel):
    """The hours an office keeps on one day; once cleared, those it had kept."""

    model_config = ConfigDict(from_attributes=True)

    office: str
    day: date
    intervals: list[str]
    reason: str


class ExceptionEvent(BaseModel):
    exception: ExceptionState


class HolidayState(BaseModel):
    """Whether a day is a holiday, from now on; `name` as people know it."""

    model_config = ConfigDict(from_attributes=True)

    day: date
    holiday: bool
    name: str | None
    source: str


class HolidayEvent(BaseModel):
    holiday: HolidayState


def exception_event(office: str, day: date, intervals: list[str], reason: str) -> dict[str, Any]:
    state = ExceptionState(office=office, day=day, intervals=intervals, reason=reason)
    return ExceptionEvent(exception=state).model_dump(mode="json")


def holiday_event(holiday: Any) -> dict[str, Any]:
    """The payload that tells what holds of a day now."""
    return HolidayEvent(holiday=HolidayState.model_validate(holiday)).model_dump(mode="json")


# catalogue and performance


class PrincipalState(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    slug: str
    name: str
    name_en: str
    version: int


class PriceState(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    valid_from: date
    fee_rials: int
    office_share_rials: int


class ServiceState(BaseModel):
    """`prices` in the order of their days: each holds until the next."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    principal: str
    name: str
    name_en: str
    documents: list[str]
    duration_minutes: int
    delegated: bool
    electronic: bool
    at_counter: bool
    prices: list[PriceState]
    valid_from: date
    valid_until: date | None
    version: int


class RuleState(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    kind: str
    services: list[str]
    at_least: int
    valid_from: date
    valid_until: date | None
    source: str
    version: int


class OfferingState(BaseModel):
    """That an office (its code) offers a service, from a day to a day, both included."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    office: str
    service: str
    valid_from: date
    valid_until: date | None
    version: int


def principal_event(principal: Any) -> dict[str, Any]:
    return {"principal": PrincipalState.model_validate(principal).model_dump(mode="json")}


def service_event(service: Any) -> dict[str, Any]:
    return {"service": ServiceState.model_validate(service).model_dump(mode="json")}


def rule_event(rule: Any) -> dict[str, Any]:
    return {"service_rule": RuleState.model_validate(rule).model_dump(mode="json")}


def offering_event(offerings: Iterable[Any]) -> dict[str, Any]:
    """All of one office and one request: one event."""
    items = [OfferingState.model_validate(each).model_dump(mode="json") for each in offerings]
    return {"items": items}


class PerformedState(BaseModel):
    """So many of a service at an office on a day; a reversal has the negative count."""

    model_config = ConfigDict(from_attributes=True)

    record_id: UUID
    office: str
    kind: str
    service: str
    day: date
    count: int
    electronic: bool
    flags: list[str]
    reverses: UUID | None


def performed_event(records: Iterable[Any]) -> dict[str, Any]:
    """All of one request: one event."""
    items = [PerformedState.model_validate(each).model_dump(mode="json") for each in records]
    return {"items": items}
