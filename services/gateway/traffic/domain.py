"""Classes of traffic, quotas and what the client is told of them. Pure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Header = tuple[bytes, bytes]
Class = Literal["reports", "public", "reads", "writes", "bookings", "scans", "payments"]

ORDER: Final[tuple[Class, ...]] = (
    "reports",
    "public",
    "reads",
    "writes",
    "bookings",
    "scans",
    "payments",
)
"""What is shed first stands first. Quotas that are agreed with a partner name these too."""

RANK: Final[Mapping[Class, int]] = {kind: rank for rank, kind in enumerate(ORDER)}

SHARE: Final = (0.5, 0.7, 0.8, 0.85, 0.9, 1.0, 1.0)
"""By rank: how much of a sister's in-flight limit a class may fill; the rest is for those above."""

WINDOW_S: Final = 60
PARTNER_PER_MINUTE: Final[Mapping[Class, int]] = {
    "reports": 120,
    "public": 3_000,
    "reads": 6_000,
    "writes": 1_200,
    "bookings": 3_000,
    "scans": 3_000,
    "payments": 1_200,
}
ADDRESS_PER_MINUTE: Final[Mapping[Class, int]] = {
    "reports": 30,
    "public": 600,
    "reads": 300,
    "writes": 60,
    "bookings": 60,
    "scans": 60,
    "payments": 60,
}
"""For those without a credential, by network address."""

_LOOKS_UP: Final = frozenset({"/v1/tracking", "/v1/quotes"})
_PAYS: Final = ("/v1/settlements", "/v1/payment-orders", "/v1/bank/")


def class_of(method: str, template: str, scope: str, *, slow: bool = False) -> Class:
    """The class of an operation of the table, from what the table says of it."""
    reads = method in {"GET", "HEAD"}
    if scope == "payments:execute" or (not reads and template.startswith(_PAYS)):
        return "payments"
    if scope == "reports:read" or template.startswith("/v1/statistics/") or (reads and slow):
        return "reports"
    if reads or template in _LOOKS_UP:
        return "public" if scope == "public" else "reads"
    if scope in {"scans:write", "delivery:write"}:
        return "scans"
    return "bookings" if scope == "parcels:book" else "writes"


@dataclass(frozen=True, slots=True)
class Quota:
    """So many requests in a minute; all of them may come at once."""

    kind: Class
    limit: int

    @property
    def interval_s(self) -> float:
        return WINDOW_S / self.limit

    def policy(self) -> bytes:
        """`RateLimit-Policy` of draft-ietf-httpapi-ratelimit-headers."""
        return f'"{self.kind}";q={self.limit};w={WINDOW_S}'.encode()


@dataclass(slots=True)
class Bucket:
    """The generic cell rate algorithm (ITU-T I.371): one number a client.

    `whole_at`: when the quota will be whole again if nothing more is asked.
    """

    whole_at: float = 0.0

    def take(self, quota: Quota, now: float) -> float | None:
        """None and one request is counted; else the seconds until one will be let through."""
        after = max(self.whole_at, now) + quota.interval_s
        wait_s = after - now - WINDOW_S
        if wait_s > 1e-6:
            return wait_s
        self.whole_at = after
        return None

    def remaining(self, quota: Quota, now: float) -> int:
        spent = max(0.0, self.whole_at - now) / quota.interval_s
        return max(0, int(quota.limit - spent + 1e-6))

    def told(self, quota: Quota, now: float) -> bytes:
        """`RateLimit` of the draft: what is left, and in how many seconds all of it is back."""
        reset_s = math.ceil(max(0.0, self.whole_at - now))
        return f'"{quota.kind}";r={self.remaining(quota, now)};t={reset_s}'.encode()
