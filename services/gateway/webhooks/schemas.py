"""What goes over the wire for webhooks."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.gateway.webhooks.addresses import URL_MAX
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
]
"""`*`: everything of that noun that shops are told."""


class EndpointRegistration(BaseModel):
    """A place to be told about one's own parcels."""

    model_config = ConfigDict(extra="forbid")

    url: Annotated[str, text(1, URL_MAX)] = Field(
        description="Absolute https URL of a public host, without user name and password.",
        examples=["https://shop.example/hooks/post"],
        json_schema_extra={"format": "uri"},
    )
    events: list[EventPattern] = Field(
        min_length=1, max_length=40, examples=[["parcel.*"]], description="What to be told of."
    )
    description: Annotated[str, text(1, 200)] | None = None


class Endpoint(BaseModel):
    """`failures`: attempts that failed in a row; the next success sets it to 0."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    url: str
    events: list[str]
    description: str | None
    failures: int
    created_at: datetime
    disabled_at: datetime | None
    disabled_reason: Literal["partner", "gone"] | None = Field(
        description="`partner`: deleted by its owner; `gone`: it answered 410."
    )


class RegisteredEndpoint(Endpoint):
    secret: str = Field(description="Signs every delivery (Standard Webhooks); shown only now.")


class Delivery(BaseModel):
    """One event for one endpoint. `id` is the header `webhook-id`, the same on every attempt."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    type: str
    subject: str
    status: Literal["waiting", "pending", "delivered", "dead"] = Field(
        description="`waiting`: an earlier event of the same parcel is not done yet."
    )
    attempts: int
    last_status: int | None = Field(description="HTTP status of the last attempt's answer.")
    last_error: str | None
    next_attempt_at: datetime | None
    created_at: datetime
    finished_at: datetime | None
