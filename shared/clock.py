"""Time, injected: requests read a `Clock`, timers read the world's clock row and nothing else."""

from datetime import UTC, datetime
from typing import Literal, Protocol

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from typing_extensions import override

from shared.auth import Caller
from shared.errors import Forbidden, Invalid

Mode = Literal["wall", "backfill", "sandbox"]


class Clock(Protocol):
    def now(self) -> datetime: ...


class WallClock(Clock):
    @override
    def now(self) -> datetime:
        return datetime.now(UTC)


class FrozenClock(Clock):
    """For tests: stands until it is moved."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    @override
    def now(self) -> datetime:
        return self.at


async def world_now(session: AsyncSession, clock: Clock) -> datetime:
    """What timers call now: wall time, an open backfill's watermark, or the sandbox's own time."""
    at = (await session.execute(text("SELECT at FROM clock WHERE mode <> 'wall'"))).scalar()
    return at if isinstance(at, datetime) else clock.now()


async def set_world(session: AsyncSession, mode: Mode, at: datetime | None) -> None:
    """Move the world's clock; a backfill's watermark only goes forward while it is open."""
    await session.execute(
        text(
            "UPDATE clock SET mode = :mode, at = CASE WHEN mode = 'backfill' AND :mode = 'backfill'"
            " THEN greatest(at, :at) ELSE :at END"
        ),
        {"mode": mode, "at": at},
    )


def happened_at(caller: Caller, told: datetime | None, now: datetime) -> datetime:
    """When a command took place: now, or as told under the scope `backfill`."""
    if told is None:
        return now
    if "backfill" not in caller.scopes:
        raise Forbidden("occurred_at needs the scope backfill")
    if told > now:
        raise Invalid.field("body.occurred_at", "this time has not come: leave it out")
    return told
