"""What the log of deliveries looks like on the wire."""

from datetime import datetime
from typing import Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.fields import Instant

Status = Literal["waiting", "pending", "delivered", "dead"]


class Delivery(BaseModel):
    """One event for one endpoint. `id` is the header `webhook-id`, the same on every attempt."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    type: str
    subject: str
    sequence: int | None = Field(description="The event's number in your feed; a test has none.")
    status: Status = Field(
        description="`waiting`: an earlier event of the same subject is not done yet."
    )
    attempts: int
    last_status: int | None = Field(description="HTTP status of the last attempt's answer.")
    last_error: str | None
    next_attempt_at: datetime | None
    created_at: datetime
    finished_at: datetime | None


class Attempt(BaseModel):
    """One that was cut short by a restart of ours is missing here; it was made again."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    at: datetime
    elapsed_ms: int
    status: int | None
    error: str | None
    answer: str | None = Field(description="How the answer's body began.")


class DeliveryDetail(Delivery):
    body: str = Field(description="As it was signed and sent, byte for byte.")
    log: list[Attempt]


class ReplayRequest(BaseModel):
    """What you were told from `since` on, before `until`, is sent once more."""

    model_config = ConfigDict(extra="forbid")

    since: Instant
    until: Instant
    only_missing: bool = Field(
        default=False, description="Leave out what this webhook answered with success."
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.since >= self.until:
            raise ValueError("`until` must be later than `since`")
        return self


class Replay(BaseModel):
    queued: int
