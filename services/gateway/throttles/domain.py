"""How often what may be tried. Pure."""

from datetime import UTC, datetime, timedelta
from typing import Final

Limit = tuple[timedelta, int]
"""At most so often within a window of the clock."""

MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)

LIMITS: Final[dict[str, tuple[Limit, ...]]] = {
    # a message costs money, and annoys
    "code_to_phone": ((MINUTE, 1), (HOUR, 5), (DAY, 10)),
    "code_from_address": ((MINUTE, 10), (HOUR, 60)),
    # many may share an office's address; guessing over all accounts is slowed all the same
    "sign_in_from_address": ((MINUTE, 30), (HOUR, 300)),
    "enrolment_from_address": ((MINUTE, 60), (HOUR, 300)),
    "citizen_from_address": ((MINUTE, 20), (HOUR, 120)),
}
KEPT: Final = 2 * DAY


def window_start(now: datetime, window: timedelta) -> datetime:
    """Windows stand on the clock, the same for all."""
    whole_s = int(window.total_seconds())
    return datetime.fromtimestamp(int(now.timestamp()) // whole_s * whole_s, UTC)


def retry_after_s(now: datetime, window: timedelta) -> int:
    return max(1, int((window_start(now, window) + window - now).total_seconds()) + 1)
