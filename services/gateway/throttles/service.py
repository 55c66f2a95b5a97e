"""Counts tries in every process together: in the database, before the try is looked at."""

import hmac
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.throttles import repository
from services.gateway.throttles.domain import DAY, KEPT, LIMITS, retry_after_s, window_start
from services.gateway.throttles.errors import TooOften
from shared.database import Database

FORGET_ROWS: Final = 5_000


async def take(database: Database, pepper: bytes, what: str, who: str, now: datetime) -> None:
    """Count one try of `who`; TooOften past a limit, with when to come again."""
    key = hmac.digest(pepper, f"{what}:{who}".encode(), "sha256")
    for window, most in LIMITS[what]:
        start = window_start(now, window)
        taken = await repository.count(database, what, key, int(window.total_seconds()), start)
        if taken > most:
            wait_s = retry_after_s(now, window)
            raise TooOften(f"try again in {wait_s} s", headers={"Retry-After": str(wait_s)})


async def note(database: Database, pepper: bytes, what: str, who: str, now: datetime) -> None:
    """Count and never refuse: a write of the same cost as one that counts a try elsewhere."""
    key = hmac.digest(pepper, f"{what}:{who}".encode(), "sha256")
    window_s = int(DAY.total_seconds())
    await repository.count(database, what, key, window_s, window_start(now, DAY))


async def forget(session: AsyncSession, now: datetime) -> int:
    """Drop counts of windows that are over; how many, FORGET_ROWS at most."""
    return await repository.forget(session, now - KEPT, FORGET_ROWS)
