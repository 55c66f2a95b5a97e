"""When a pickup may be asked for. Pure."""

from datetime import datetime, timedelta
from typing import Final

AHEAD: Final = timedelta(days=14)


def window_fault(window_from: datetime, window_until: datetime, now: datetime) -> str | None:
    """Why nobody can come then: it is over, or too far away to plan."""
    if window_until <= now + timedelta(minutes=30):
        return "this is over or too near: leave at least half an hour"
    if window_from > now + AHEAD:
        return f"this is more than {AHEAD.days} days away"
    return None
