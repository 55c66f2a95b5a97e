"""SQL of vehicles and trips."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Row, Select, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from services.parcels.trips.models import Trip, Vehicle
from shared.calendar import Period

AMISS_MAX: Final = 2_000
LATE_ROWS: Final = 200
PLAN_LOCK: Final = 0x5053_0022

_FLEET = text("""
SELECT v.code AS vehicle, v.plate, v.mode, count(*) AS trips,
    sum(coalesce(t.driven_km, t.distance_km))::bigint AS kilometres,
    round(100 * sum(l.items) / nullif(sum(l.capacity_items), 0), 1)::float8 AS items_load_percent,
    round(100 * sum(l.weight_kg) / nullif(sum(l.capacity_kg), 0), 1)::float8
        AS weight_load_percent,
    round(avg(t.delay_min), 1)::float8 AS mean_delay_min
FROM trip t JOIN vehicle v ON v.code = t.vehicle
CROSS JOIN LATERAL (
    SELECT sum(c.items) AS items, count(c.items) * t.capacity_items AS capacity_items,
        sum(c.weight_kg) AS weight_kg, count(c.weight_kg) * t.capacity_kg AS capacity_kg
    FROM trip_call c WHERE c.trip = t.id
) AS l
WHERE t.day >= :start AND t.day < :end AND t.status IN ('departed', 'arrived')
    AND (CAST(:after AS text) IS NULL OR v.code > :after)
GROUP BY v.code ORDER BY v.code LIMIT :limit
""")


async def vehicle(session: AsyncSession, code: str, *, lock: bool = False) -> Vehicle | None:
    statement = select(Vehicle).where(Vehicle.code == code)
    return await session.scalar(statement.with_for_update() if lock else statement)


async def vehicles(session: AsyncSession, after: str | None, limit: int) -> Sequence[Vehicle]:
    """By code; retired ones too."""
    statement = select(Vehicle).order_by(Vehicle.code).limit(limit)
    if after is not None:
        statement = statement.where(Vehicle.code > after)
    return (await session.scalars(statement)).all()


def _in_full() -> Select[Trip]:
    return select(Trip).options(selectinload(Trip.calls)).execution_options(populate_existing=True)


async def trip(session: AsyncSession, line: str, day: date, *, lock: bool = False) -> Trip | None:
    statement = _in_full().where(Trip.line == line, Trip.day == day)
    return await session.scalar(statement.with_for_update(of=Trip) if lock else statement)


async def lock_plan(session: AsyncSession) -> None:
    """One plan of trips at a time, until the transaction ends."""
    await session.execute(select(func.pg_advisory_xact_lock(PLAN_LOCK)))


async def locked_of_days(session: AsyncSession, first: date, last: date) -> Sequence[Trip]:
    statement = _in_full().where(Trip.day >= first, Trip.day <= last).order_by(Trip.day, Trip.line)
    return (await session.scalars(statement.with_for_update(of=Trip))).all()


async def of_vehicle(session: AsyncSession, code: str, first: date, last: date) -> Sequence[Trip]:
    """Those that are not cancelled."""
    statement = _in_full().where(
        Trip.vehicle == code, Trip.day >= first, Trip.day <= last, Trip.status != "cancelled"
    )
    return (await session.scalars(statement)).all()


async def listing(
    session: AsyncSession,
    first: date,
    last: date,
    wanted: dict[str, str | None],
    page: tuple[tuple[date, str] | None, int],
) -> Sequence[Trip]:
    """By day and line; `wanted`: columns and their values; `page`: after which, and how many."""
    after, limit = page
    key = (Trip.day, Trip.line)
    statement = _in_full().where(Trip.day >= first, Trip.day <= last).order_by(*key).limit(limit)
    for column, value in wanted.items():
        if value is not None:
            statement = statement.where(getattr(Trip, column) == value)
    if after is not None:
        statement = statement.where(func.row(*key) > func.row(*after))
    return (await session.scalars(statement)).all()


async def amiss(session: AsyncSession) -> Sequence[Trip]:
    """Cancelled, or late and under way; the newest days."""
    late = (Trip.status == "departed") & (Trip.delay_min > 0)
    statement = (
        _in_full()
        .where(or_(Trip.status == "cancelled", late))
        .order_by(Trip.day.desc())
        .limit(AMISS_MAX)
    )
    return (await session.scalars(statement)).all()


async def awaited(session: AsyncSession, since: datetime, now: datetime) -> Sequence[Trip]:
    """Due from `since` to now and not seen, of those that somebody looks after."""
    looked_after = or_(Trip.status == "departed", Trip.vehicle.is_not(None))
    statement = _in_full().where(Trip.due_at >= since, Trip.due_at < now, looked_after)
    return (await session.scalars(statement.limit(AMISS_MAX))).all()


async def lock_late(session: AsyncSession, due_before: datetime) -> Sequence[Trip]:
    """Those due before, of which nothing was told yet; not those that others work on."""
    statement = (
        _in_full()
        .where(Trip.due_at < due_before, ~Trip.told_late)
        .order_by(Trip.due_at)
        .limit(LATE_ROWS)
        .with_for_update(of=Trip, skip_locked=True)
    )
    return (await session.scalars(statement)).all()


async def fleet(
    session: AsyncSession, period: Period, after: str | None, limit: int
) -> Sequence[Row[Any]]:
    """By vehicle."""
    within = {"start": period.start, "end": period.end, "after": after, "limit": limit}
    return (await session.execute(_FLEET, within)).all()
