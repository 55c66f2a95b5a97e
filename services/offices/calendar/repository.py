"""All SQL of the calendar, which is public."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.offices.calendar.domain import Holiday
from services.offices.calendar.models import HolidayOverride, OfficeException
from services.offices.registry.domain import Status
from services.offices.registry.models import Office, OfficeStatusChange


async def exceptions(
    session: AsyncSession, office_ids: Collection[int], first: date, last: date
) -> list[OfficeException]:
    """Of these offices, from day to day, both included."""
    statement = select(OfficeException).where(
        OfficeException.office_id.in_(office_ids), OfficeException.day.between(first, last)
    )
    return list(await session.scalars(statement))


async def exceptions_page(
    session: AsyncSession, office: Office, *, since: date | None, after: date | None, limit: int
) -> Sequence[OfficeException]:
    statement = select(OfficeException).where(OfficeException.office_id == office.id)
    if since is not None:
        statement = statement.where(OfficeException.day >= since)
    if after is not None:
        statement = statement.where(OfficeException.day > after)
    return (await session.scalars(statement.order_by(OfficeException.day).limit(limit))).all()


async def exception(session: AsyncSession, office: Office, day: date) -> OfficeException | None:
    return await session.get(OfficeException, (office.id, day))


async def overrides(session: AsyncSession, first: date, last: date) -> dict[date, Holiday]:
    """What was said of holidays from day to day, both included."""
    statement = select(HolidayOverride).where(HolidayOverride.day.between(first, last))
    return {
        row.day: Holiday(row.day, row.holiday, row.name, "override", row.reason)
        for row in await session.scalars(statement)
    }


async def put_override(session: AsyncSession, holiday: Holiday) -> None:
    values = {"holiday": holiday.holiday, "name": holiday.name, "reason": holiday.reason}
    await session.execute(
        insert(HolidayOverride)
        .values(day=holiday.day, **values)
        .on_conflict_do_update(index_elements=["day"], set_=values)
    )


async def remove_override(session: AsyncSession, day: date) -> bool:
    """Whether there was one."""
    statement = delete(HolidayOverride).where(HolidayOverride.day == day)
    return await session.scalar(statement.returning(HolidayOverride.day)) is not None


async def status_at(session: AsyncSession, office: Office, at: datetime) -> Status:
    """What an office's status was on record at an instant before its last change."""
    statement = (
        select(OfficeStatusChange.status)
        .where(OfficeStatusChange.office_id == office.id, OfficeStatusChange.changed_at <= at)
        .order_by(OfficeStatusChange.version.desc())
        .limit(1)
    )
    return await session.scalar(statement) or "active"
