"""Places to be told at, and the log of what was sent there."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from susa_client.models.base import Answer, Request

Version = Literal[1, 2]


class NewWebhook(Request):
    """`events`: types (`parcel.booked`) or all of a noun (`parcel.*`)."""

    url: str
    events: list[str]
    description: str | None = None
    version: Version = 2


class WebhookChange(Request):
    """What is left out stays as it is."""

    url: str | None = None
    events: list[str] | None = None
    description: str | None = None
    version: Version | None = None
    disabled: bool | None = None


class Webhook(Answer):
    id: UUID
    url: str
    events: list[str]
    description: str | None
    version: int
    previous_until: AwareDatetime | None
    failures: int
    failing_since: AwareDatetime | None
    created_at: AwareDatetime
    disabled_at: AwareDatetime | None
    disabled_reason: str | None


class WebhookWithSecret(Webhook):
    """`secret` is shown only now."""

    secret: str = Field(repr=False)


class Rotation(Request):
    overlap_hours: int = 24


class WebhookDelivery(Answer):
    id: UUID
    type: str
    subject: str
    sequence: int | None
    status: str
    attempts: int
    last_status: int | None
    last_error: str | None
    created_at: AwareDatetime
    next_attempt_at: AwareDatetime | None
    finished_at: AwareDatetime | None


class DeliveryAttempt(Answer):
    number: int
    at: AwareDatetime
    elapsed_ms: int
    status: int | None
    error: str | None
    answer: str | None


class DeliveryDetail(WebhookDelivery):
    body: str
    log: list[DeliveryAttempt]


class NewReplay(Request):
    since: AwareDatetime
    until: AwareDatetime
    only_missing: bool = False


class Replay(Answer):
    queued: int
