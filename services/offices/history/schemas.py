"""What the history of an office says and hears over the wire."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from services.offices.history.domain import Change
from services.offices.registry.domain import Kind, OwnerKind, Status
from services.offices.registry.schemas import (
    Address,
    OfficeLatitude,
    OfficeLongitude,
    OfficeOut,
    Owner,
    OwnerOut,
    Reason,
    Reference,
    Slug,
)
from shared.fields import Day, PostalCode

FirstDay = Annotated[
    Day, Field(description="The first day on which it is so; if that is to come, it is planned.")
]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Conversion(_Request):
    kind: Kind
    on: FirstDay
    reference: Reference | None = None


class Relocation(_Request):
    town: Slug
    address: Address
    postal_code: PostalCode
    latitude: OfficeLatitude
    longitude: OfficeLongitude
    on: FirstDay
    reason: Reason


class Transfer(_Request):
    owner: Owner
    on: FirstDay
    reference: Reference | None = None


class Closing(_Request):
    reason: Reason


class _Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class ChangeOut(_Answer):
    """The office as it is now; `planned_for`: the day the change takes effect, if that is later."""

    office: OfficeOut
    planned_for: date | None


class _Period(_Answer):
    """Both days included; null: nobody knows since when, or: until today.

    A period's `reference` or `reason` is that of the change which ended it.
    """

    valid_from: date | None
    valid_until: date | None


class KindPeriodOut(_Period):
    kind: Kind
    reference: str | None


class AddressPeriodOut(_Period):
    town: str
    address: str
    postal_code: str
    latitude: float
    longitude: float
    reason: str | None


class OwnerPeriodOut(_Period):
    owner: OwnerOut
    reference: str | None


class StatusOut(_Answer):
    status: Status
    changed_at: datetime
    changed_by: str
    reason: str | None


class PlanOut(_Answer):
    """`details`: what was asked for; the name of a person is left out."""

    change: Change
    due_on: date
    details: dict[str, Any]
    planned_by: str
    planned_at: datetime


class HistoryOut(_Answer):
    """Each list ends in what is so today, and holds the newest 200 periods at most."""

    office: str
    founded_on: date | None
    kinds: list[KindPeriodOut]
    addresses: list[AddressPeriodOut]
    owners: list[OwnerPeriodOut]
    statuses: list[StatusOut]
    planned: list[PlanOut]


class HolderOut(_Period):
    """`name` of a person: null where it was erased."""

    kind: OwnerKind
    name: str | None
    reference: str | None


class HoldersOut(_Answer):
    items: list[HolderOut]
