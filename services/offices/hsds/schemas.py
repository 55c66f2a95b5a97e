"""The registry in the words of Open Referral HSDS 3.0 (schema: openreferral/specification, 3.0).

Only the fields that we can fill. One that has no value in a row is left out, as null is no string
there: hence the defaults.
"""

from datetime import date, datetime
from typing import Generic, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel

from services.offices.hsds.domain import Status

T = TypeVar("T")


class About(BaseModel):
    version: Literal["3.0"]
    profile: str
    openapi_url: str


class Numbered(BaseModel, Generic[T]):
    """A page by number: `size` is how many there are in it."""

    total_items: int
    total_pages: int
    page_number: int
    size: int
    first_page: bool
    last_page: bool
    empty: bool
    contents: list[T]


class Address(BaseModel):
    id: UUID
    location_id: UUID
    address_1: str
    city: str
    region: str
    state_province: str
    postal_code: str
    country: Literal["IR"]
    address_type: Literal["physical"]


class Schedule(BaseModel):
    id: UUID
    location_id: UUID | None = None
    service_at_location_id: UUID | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    freq: Literal["WEEKLY"]
    wkst: Literal["SA"]
    byday: str
    opens_at: str
    closes_at: str
    timezone: float


class LocationFlat(BaseModel):
    id: UUID
    location_type: Literal["physical"]
    organization_id: UUID | None = None
    name: str
    description: str
    latitude: float
    longitude: float
    external_identifier: str
    external_identifier_type: str


class Location(LocationFlat):
    addresses: list[Address]
    schedules: list[Schedule]


class Organization(BaseModel):
    id: UUID
    name: str
    alternate_name: str | None = None
    description: str


class CostOption(BaseModel):
    id: UUID
    service_id: UUID
    valid_from: date
    valid_to: date | None = None
    currency: Literal["IRR"]
    amount: int


class RequiredDocument(BaseModel):
    id: UUID
    service_id: UUID
    document: str


class MinimalService(BaseModel):
    id: UUID
    modified_date: datetime


class ServiceFlat(BaseModel):
    id: UUID
    organization_id: UUID
    name: str
    alternate_name: str
    description: str
    status: Status
    application_process: str
    last_modified: datetime


class ServiceAtLocationFlat(BaseModel):
    id: UUID
    service_id: UUID
    location_id: UUID
    service: ServiceFlat
    location: LocationFlat


class AtLocation(BaseModel):
    """Within its service, which is not told again."""

    id: UUID
    service_id: UUID
    location_id: UUID
    location: Location
    schedules: list[Schedule]


class Service(ServiceFlat):
    organization: Organization
    cost_options: list[CostOption]
    required_documents: list[RequiredDocument]


class ServiceInFull(Service):
    """With the first 500 offices that do it; `/hsds/service_at_locations` has all."""

    service_at_locations: list[AtLocation]


class ServiceAtLocation(AtLocation):
    service: Service


class OrganizationInFull(Organization):
    """With its services in force."""

    services: list[ServiceFlat]
