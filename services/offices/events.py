"""Events that offices publishes, a section for each slice."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

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


# contracts; and the notices contract.expiring and licence.expiring


ContractEventType = Literal[
    "contract.signed", "contract.renewed", "contract.changed", "contract.terminated"
]


class CommissionTermState(BaseModel):
    """A share of the price in basis points, or rials an item; `product` is `all` or one."""

    model_config = ConfigDict(from_attributes=True)

    product: str
    valid_from: date
    valid_until: date | None
    basis_points: int | None
    rials_per_item: int | None


class ContractState(BaseModel):
    """A contract without whom it is with: personal data is in no event."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    number: str
    office: str
    valid_from: date
    valid_until: date
    terminated_on: date | None
    products: list[str] | None
    weight_max_g: int | None
    commission: list[CommissionTermState]
    status: str
    renews: UUID | None
    version: int


class ContractEvent(BaseModel):
    contract: ContractState


class ExpiringLicence(BaseModel):
    """What a notice tells of a licence."""

    number: str
    office: str
    kind: str
    valid_from: date
    valid_until: date
    version: int


class ContractExpiring(ContractEvent):
    """`days`: which notice, 60, 30 or 7; `days_left`: from today to the last day."""

    days: int
    days_left: int


class LicenceExpiring(BaseModel):
    licence: ExpiringLicence
    days: int
    days_left: int


def contract_event(contract: Any) -> dict[str, Any]:
    """The payload that tells a contract (anything with its attributes) as it is now."""
    return ContractEvent(contract=ContractState.model_validate(contract)).model_dump(mode="json")


def contract_expiring(contract: Any, days: int, days_left: int) -> dict[str, Any]:
    state = ContractState.model_validate(contract)
    return ContractExpiring(contract=state, days=days, days_left=days_left).model_dump(mode="json")


def licence_expiring(licence: Any, days: int, days_left: int) -> dict[str, Any]:
    state = ExpiringLicence(
        number=licence.number,
        office=licence.office.code,
        kind=licence.kind,
        valid_from=licence.valid_from,
        valid_until=licence.valid_until,
        version=licence.version,
    )
    return LicenceExpiring(licence=state, days=days, days_left=days_left).model_dump(mode="json")
