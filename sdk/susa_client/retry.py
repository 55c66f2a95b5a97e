"""When a request is sent again, and after how long. No input, no output."""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import httpx

IN_FLIGHT: Final = "idempotency_key_in_flight"
NOT_BEGUN: Final = frozenset({429})
"""The post says that it did nothing: good to send again, whatever it was."""
PASSING: Final = frozenset({408, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Retry:
    """Waits of at most the first, then twice, four times that and so on up to the longest.

    Each is drawn evenly from 0 on, so that who was refused together does not come back together.
    What the post asks for in Retry-After is kept to. If it asks for more than
    `retry_after_max_s`, the refusal is raised at once, with `retry_after_s`.
    """

    attempts: int = 6
    first_s: float = 0.25
    longest_s: float = 8.0
    retry_after_max_s: float = 60.0
    draw: Callable[[], float] = random.random

    def wait_s(self, attempt: int, asked_s: float | None) -> float | None:
        """Before attempt number `attempt` + 1, of which the first is 1; None to give up."""
        if attempt >= self.attempts:
            return None
        if asked_s is not None and asked_s > self.retry_after_max_s:
            return None
        drawn = min(self.first_s * 2.0 ** (attempt - 1), self.longest_s) * self.draw()
        return drawn if asked_s is None else asked_s + drawn


def may_repeat(answer: httpx.Response, code: str, *, safe: bool) -> bool:
    """`safe`: sent twice it has the effect of once, by its method or by its key."""
    if answer.status_code in NOT_BEGUN:
        return True
    return safe and (answer.status_code in PASSING or code == IN_FLIGHT)


def may_repeat_unanswered(error: httpx.TransportError, *, safe: bool) -> bool:
    """A connection that never came about has carried nothing."""
    return safe or isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)


def seconds_asked(retry_after: str | None, now: datetime | None = None) -> float | None:
    """Of a Retry-After header: seconds, or an HTTP date. None for anything else."""
    if retry_after is None:
        return None
    if retry_after.isascii() and retry_after.isdecimal():
        return float(retry_after[:9])
    try:
        at = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    left = (at - (now or datetime.now(UTC))).total_seconds()
    return max(0.0, left) if math.isfinite(left) else None
