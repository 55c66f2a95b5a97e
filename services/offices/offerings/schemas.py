"""What is said and heard about who offers what."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.offices.catalogue.schemas import ServiceCode, ServiceInFull
from services.offices.search.schemas import NearOffice
from shared.fields import Day

OFFERED_MAX = 1_000


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewOffering(_Request):
    service: ServiceCode
    valid_from: Day | None = Field(default=None, description="Without it: from today.")
    valid_until: Day | None = None


def _each_once(codes: list[str]) -> list[str]:
    if len(set(codes)) < len(codes):
        raise ValueError("one service is named twice")
    return codes


class Replacement(_Request):
    """From a day on, today or later, the office offers these services and no others."""

    services: Annotated[
        list[ServiceCode], Field(max_length=OFFERED_MAX), AfterValidator(_each_once)
    ]
    valid_from: Day | None = Field(default=None, description="Without it: from today.")


class _Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class OfferingOut(_Answer):
    id: UUID
    office: str
    service: str
    valid_from: date
    valid_until: date | None
    version: int
    created_at: datetime
    updated_at: datetime


class OfferingsOut(_Answer):
    items: list[OfferingOut]


class OfferedNearOut(_Answer):
    """What it takes (documents, fee) and the nearest offices that do it today."""

    service: ServiceInFull
    items: list[NearOffice]
