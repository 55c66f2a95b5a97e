"""Rules of webhooks: who wants what, how it is signed, when it is tried again.

After Standard Webhooks 1.0 (https://www.standardwebhooks.com).
"""

import base64
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final, Literal
from uuid import UUID, uuid5

from standardwebhooks import Webhook

ENDPOINTS_MAX: Final = 10
SECRET_BYTES: Final = 32

SCHEDULE: Final = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
JITTER: Final = 0.1
RETRY_AFTER_MAX: Final = timedelta(hours=24)
GONE: Final = 410


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """One event of one parcel for one endpoint; `body` is sent as it stands."""

    id: UUID
    endpoint: UUID
    type: str
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one attempt: a status, or the error that stood in its way."""

    status: int | None
    error: str | None = None
    retry_after: timedelta | None = None

    @property
    def accepted(self) -> bool:
        return self.status is not None and 200 <= self.status <= 299


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of a delivery after an attempt. `gone`: the endpoint wants nothing any more."""

    status: Literal["pending", "delivered", "dead"]
    next_attempt_at: datetime | None = None
    gone: bool = False


def wants(patterns: Collection[str], event_type: str) -> bool:
    noun = event_type.partition(".")[0]
    return event_type in patterns or f"{noun}.*" in patterns


def delivery_id(endpoint: UUID, event_id: str, subject: str, occurrence: str) -> UUID:
    """The same for the same event, however often it is read; also the header `webhook-id`."""
    return uuid5(endpoint, f"{event_id} {subject} {occurrence}")


def payload(event_type: str, timestamp: str, data: Mapping[str, Any]) -> str:
    """The body: stored as it will be signed and sent, byte for byte."""
    body = {"type": event_type, "timestamp": timestamp, "data": data}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def secret_text(secret: bytes) -> str:
    return "whsec_" + base64.b64encode(secret).decode()


def signed_headers(delivery: UUID, secret: bytes, body: str, at: datetime) -> dict[str, str]:
    signature = Webhook(secret).sign(str(delivery), at.astimezone(UTC), body)
    return {
        "content-type": "application/json",
        "webhook-id": str(delivery),
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signature,
    }


def retry_after(header: str | None, now: datetime) -> timedelta | None:
    """`Retry-After` in either form (RFC 9110, 10.2.3), at most a day; None if there is no sense."""
    if header is None:
        return None
    text = header.strip()
    try:
        if text.isascii() and text.isdigit():
            # nine digits are 31 years: longer numbers would only overflow
            wait = timedelta(seconds=int(text[:9]))
        else:
            at = parsedate_to_datetime(text)
            wait = (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
    except (ValueError, OverflowError):
        return None
    return min(max(wait, timedelta()), RETRY_AFTER_MAX)


def after(answer: Answer, attempts: int, now: datetime, spread: float) -> Step:
    """The next step after the attempt number `attempts`; `spread` in [-1, 1] is the jitter."""
    if answer.accepted:
        return Step("delivered")
    if answer.status == GONE:
        return Step("dead", gone=True)
    if attempts > len(SCHEDULE):
        return Step("dead")
    wait = SCHEDULE[attempts - 1] * (1 + JITTER * spread)
    if answer.retry_after is not None:
        wait = max(wait, answer.retry_after)
    return Step("pending", now + wait)
