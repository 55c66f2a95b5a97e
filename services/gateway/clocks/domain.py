"""Where a world's clock may stand."""

from datetime import datetime
from typing import Final

from shared.auth import World
from shared.calendar import YEAR_MAX, YEAR_MIN, Period
from shared.clock import Mode
from shared.errors import Forbidden, Invalid

CLOCK_SET: Final = "world_clock.set"
"""Told with who set it: every deadline of a world follows its clock."""
EARLIEST: Final = Period(YEAR_MIN).start_at
LATEST: Final = Period(YEAR_MAX).end_at


def check(mode: Mode, at: datetime | None, world: World, now: datetime) -> None:
    """A backfill is of the past; only the sandbox has a time of its own, within the calendar."""
    if mode == "sandbox" and world != "test":
        raise Forbidden("only the test world has a time of its own")
    latest = LATEST if mode == "sandbox" else now
    if at is not None and not EARLIEST <= at <= latest:
        raise Invalid.field(
            "body.at", f"Write an instant from {EARLIEST:%Y-%m-%d} to {latest:%Y-%m-%d}"
        )
