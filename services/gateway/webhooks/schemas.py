"""What goes over the wire for webhooks."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from services.gateway.webhooks.addresses import URL_MAX
from services.gateway.webhooks.domain import NEWEST, OVERLAP_MAX_H, Version, secret_text
from shared.text import text

EventPattern = Literal[
    "parcel.*",
    "parcel.booked",
    "parcel.cancelled",
    "parcel.status_changed",
    "parcel.promise_changed",
    "parcel.corrected",
    "parcel.redirected",
    "parcel.repriced",
    "promise.*",
    "promise.at_risk",
    "promise.breached",
    "promise.breach_withdrawn",
    "attempt.recorded",
    "holding.begun",
    "return.begun",
    "customer_return.requested",
    "manifest.accepted",
    "pickup.*",
    "pickup.requested",
    "pickup.assigned",
    "pickup.collected",
    "pickup.missed",
    "pickup.cancelled",
    "payment_order.*",
    "payment_order.paid",
    "payment_order.refused",
    "payment_order.returned",
    "invoice.issued",
    "case.*",
    "case.asked",
    "case.answered",
    "case.accepted",
    "case.contested",
    "case.closed",
    "case.reopened",
    "claim.*",
    "claim.payee_requested",
    "claim.declined",
    "claim.paid",
    "claim.refused",
    "claim.returned",
    "claim.reopened",
    "webhook.disabled",
]
"""`*`: everything of that noun that shops are told."""


Url = Annotated[
    str,
    text(1, URL_MAX),
    Field(
        description="Absolute https URL of a public host, without user name and password.",
        examples=["https://shop.example/hooks/post"],
        json_schema_extra={"format": "uri"},
    ),
]
Patterns = Annotated[
    list[EventPattern],
    Field(min_length=1, max_length=40, examples=[["parcel.*"]], description="What to be told of."),
]


class EndpointRegistration(BaseModel):
    """A place to be told about one's own parcels."""

    model_config = ConfigDict(extra="forbid")

    url: Url
    events: Patterns
    description: Annotated[str, text(1, 200)] | None = None
    version: Version = Field(
        NEWEST, description="Of the body: 2 has `sequence`, the event's number in your feed."
    )


class EndpointChange(BaseModel):
    """What is left out, or null, stays as it is."""

    model_config = ConfigDict(extra="forbid")

    url: Url | None = None
    events: Patterns | None = None
    description: Annotated[str, text(1, 200)] | None = None
    version: Version | None = None
    disabled: bool | None = Field(
        None, description="false takes it into use again, with no failures counted and no pause"
    )


class Rotation(BaseModel):
    model_config = ConfigDict(extra="forbid")

    overlap_hours: int = Field(
        24,
        ge=0,
        le=OVERLAP_MAX_H,
        description="How long the secret before signs beside the new one.",
    )


class Endpoint(BaseModel):
    """`failures`: attempts that failed in a row since `failing_since`; a success ends both."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    url: str
    events: list[str]
    description: str | None
    version: Version
    previous_until: datetime | None = Field(
        description="Until then the secret before the last rotation signs as well."
    )
    failures: int
    failing_since: datetime | None
    paused_until: datetime | None = Field(
        description="It answered 429 or 503 with `Retry-After`: until then nothing is sent. A new "
        "URL, or `disabled: false`, ends it."
    )
    created_at: datetime
    disabled_at: datetime | None
    disabled_reason: Literal["partner", "gone", "failing"] | None = Field(
        description="`partner`: by its owner; `gone`: it answered 410; `failing`: for days."
    )


def _secret(stored: bytes | str) -> str:
    return stored if isinstance(stored, str) else secret_text(stored)


class RegisteredEndpoint(Endpoint):
    secret: Annotated[str, BeforeValidator(_secret)] = Field(
        description="Signs every delivery (Standard Webhooks); shown only now."
    )
