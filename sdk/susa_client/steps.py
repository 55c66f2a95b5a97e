"""What a flow asks of whoever drives it."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Send:
    """Send this; the flow is sent the whole answer, or thrown the httpx.TransportError.

    `timeout_s` is longer than the client's own where the answer may wait for news.
    """

    request: httpx.Request
    timeout_s: float | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    seconds: float


Flow = Generator[Send | Wait, Any, T]
