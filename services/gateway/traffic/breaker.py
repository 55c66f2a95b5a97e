"""When a sister is left alone for a while, and how often it is asked again. Pure."""

from typing import Final

PERIOD_S: Final = 10.0
FAILURES_MIN: Final = 20
SHARE: Final = 0.5
REST_S: Final = 2.0
"""How long nothing is asked; then one request in so many seconds tries, until one succeeds."""

BUDGET_MOST: Final = 10.0
BUDGET_A_REQUEST: Final = 0.1


class Breaker:
    """Opens when half of the answers of the last seconds were failures, and enough of them.

    Seconds are counted in two halves of a period, so that old answers fall out.
    """

    __slots__ = ("_failed", "_failed_before", "_since", "_total", "_total_before", "_try_at")

    def __init__(self) -> None:
        self._since = float("-inf")
        self._total = self._failed = self._total_before = self._failed_before = 0
        self._try_at: float | None = None

    @property
    def open(self) -> bool:
        return self._try_at is not None

    def allows(self, now: float) -> bool:
        """Whether one more may be asked; while open, the one that is let through is the trial."""
        if self._try_at is None:
            return True
        if now < self._try_at:
            return False
        self._try_at = now + REST_S
        return True

    def retry_s(self, now: float) -> float:
        return max(0.0, (self._try_at or now) - now)

    def record(self, now: float, *, failed: bool) -> None:
        if self._try_at is not None:
            if not failed:
                self._forget(now)
            return
        if now - self._since > PERIOD_S / 2:
            self._next_half(now)
        self._total += 1
        self._failed += failed
        failures = self._failed + self._failed_before
        if failures >= FAILURES_MIN and failures >= SHARE * (self._total + self._total_before):
            self._try_at = now + REST_S

    def _next_half(self, now: float) -> None:
        recent = now - self._since <= PERIOD_S
        self._total_before = self._total if recent else 0
        self._failed_before = self._failed if recent else 0
        self._total = self._failed = 0
        self._since = now

    def _forget(self, now: float) -> None:
        self._total = self._failed = self._total_before = self._failed_before = 0
        self._since = now
        self._try_at = None


class RetryBudget:
    """Tries again cost, requests earn: at most one in ten goes out twice, however bad it is."""

    __slots__ = ("_left",)

    def __init__(self) -> None:
        self._left = BUDGET_MOST

    def earn(self) -> None:
        self._left = min(BUDGET_MOST, self._left + BUDGET_A_REQUEST)

    def spend(self) -> bool:
        if self._left < 1:
            return False
        self._left -= 1
        return True
