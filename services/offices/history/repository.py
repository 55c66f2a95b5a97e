"""All SQL of the history of offices."""

from collections.abc import Sequence
from datetime import date
from typing import Final, TypeVar

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.offices.history.domain import Change
from services.offices.history.models import OfficeAddress, OfficeOwner, OfficePlan
from services.offices.registry.models import (
    Office,
    OfficeKindPeriod,
    OfficeStatusChange,
    OwnerPerson,
)

PAST_MAX: Final = 200
Past = TypeVar("Past", OfficeKindPeriod, OfficeAddress, OfficeOwner)


async def past(session: AsyncSession, table: type[Past], office: Office) -> list[Past]:
    """Closed periods of an office, the oldest first."""
    statement = (
        select(table)
        .where(table.office_id == office.id)
        .order_by(table.valid_until.desc())
        .limit(PAST_MAX)
    )
    return list(await session.scalars(statement))[::-1]


async def statuses(session: AsyncSession, office: Office) -> list[OfficeStatusChange]:
    """When it was suspended, reopened and closed, the oldest first."""
    statement = (
        select(OfficeStatusChange)
        .where(OfficeStatusChange.office_id == office.id)
        .order_by(OfficeStatusChange.version.desc())
        .limit(PAST_MAX)
    )
    return list(await session.scalars(statement))[::-1]


async def person_names(session: AsyncSession, office: Office) -> dict[str, str]:
    """Personal data, for staff only: the names of an office's holders that are kept, by id."""
    statement = select(OwnerPerson).where(OwnerPerson.office_id == office.id).limit(2 * PAST_MAX)
    return {str(person.id): person.name for person in await session.scalars(statement)}


async def plans(session: AsyncSession, office: Office) -> Sequence[OfficePlan]:
    statement = select(OfficePlan).where(OfficePlan.office_id == office.id)
    return (await session.scalars(statement.order_by(OfficePlan.due_on, OfficePlan.change))).all()


async def plan(session: AsyncSession, office: Office, change: Change) -> OfficePlan | None:
    """The one of an office that is locked, so that it stays as it is."""
    return await session.get(OfficePlan, (office.id, change))


async def due(session: AsyncSession, today: date, limit: int) -> list[tuple[str, Change]]:
    """Plans whose day has come, the oldest first, by the office's code and the change."""
    statement = (
        select(Office.code, OfficePlan.change)
        .join(Office, Office.id == OfficePlan.office_id)
        .where(OfficePlan.due_on <= today)
        .order_by(OfficePlan.due_on, OfficePlan.office_id)
        .limit(limit)
    )
    return [(code, change) for code, change in await session.execute(statement)]
