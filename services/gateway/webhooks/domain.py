"""Rules of webhooks: who wants what, how it is signed, when it is tried again.

After Standard Webhooks 1.0 (https://www.standardwebhooks.com).
"""

import base64
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final, Literal
from uuid import UUID, uuid5

from standardwebhooks import Webhook

ENDPOINTS_MAX: Final = 10
SECRET_BYTES: Final = 32
OVERLAP_MAX_H: Final = 7 * 24
DEAD_AFTER: Final = timedelta(days=5)
"""Without a success for so long, and after so many failures in a row, an endpoint is disabled."""
DEAD_FAILURES: Final = 10

Version = Literal[1, 2]
NEWEST: Final[Version] = 2
"""Of the body: 2 has the event's number in its partner's feed, `sequence`; 1 has not."""
TEST: Final = "webhook.test"
DISABLED: Final = "webhook.disabled"
OWN: Final = (DISABLED,)
"""What the gateway tells of itself, and endpoints may ask for; `webhook.test` need not be."""

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
BUSY: Final = frozenset({429, 503})
"""With one of these `Retry-After` is of the whole endpoint, not of one delivery."""


@dataclass(frozen=True, slots=True)
class Hand:
    """Whose webhooks, and who keeps them: the account itself, or a person of it."""

    account: UUID
    by: str


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """One event of one parcel for one endpoint; `body` is sent as it stands."""

    id: UUID
    endpoint: UUID
    type: str
    subject: str
    body: str
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one attempt: a status, or the error that stood in its way.

    `body`: how the answer began, for the log.
    """

    status: int | None
    error: str | None = None
    retry_after: timedelta | None = None
    body: str | None = field(default=None, compare=False)

    @property
    def accepted(self) -> bool:
        return self.status is not None and 200 <= self.status <= 299

    @property
    def pause(self) -> timedelta | None:
        """For how long the endpoint wants nothing at all."""
        return self.retry_after if self.status in BUSY else None


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of a delivery after an attempt. `gone`: the endpoint wants nothing any more."""

    status: Literal["pending", "delivered", "dead"]
    next_attempt_at: datetime | None = None
    gone: bool = False


def wants(patterns: Collection[str], event_type: str) -> bool:
    noun = event_type.partition(".")[0]
    return event_type in patterns or f"{noun}.*" in patterns


def delivery_id(endpoint: UUID, news: UUID) -> UUID:
    """The same for the same event, however often it is read; also the header `webhook-id`."""
    return uuid5(endpoint, str(news))


def payload(version: int, event_type: str, timestamp: str, sequence: int | None, data: str) -> str:
    """The body: stored as it will be signed and sent, byte for byte. `data` is JSON."""
    head: dict[str, Any] = {"type": event_type, "timestamp": timestamp}
    if version >= 2:
        head["sequence"] = sequence
    return json.dumps(head, ensure_ascii=False, separators=(",", ":"))[:-1] + f',"data":{data}}}'


def secret_text(secret: bytes) -> str:
    return "whsec_" + base64.b64encode(secret).decode()


def signed_headers(
    delivery: UUID, secrets: Iterable[bytes], body: str, at: datetime
) -> dict[str, str]:
    """A signature by each secret, apart by spaces: whoever knows one of them can verify."""
    when = at.astimezone(UTC)
    return {
        "content-type": "application/json",
        "webhook-id": str(delivery),
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(
            Webhook(secret).sign(str(delivery), when, body) for secret in secrets
        ),
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
