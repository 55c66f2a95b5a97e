"""All SQL of the maps."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, selectinload

from services.offices.coverage.repository import Wanted, counted, places
from services.offices.maps.domain import Box
from services.offices.registry.models import Office, Town


def _inside(
    box: Box, latitude: InstrumentedAttribute[float], longitude: InstrumentedAttribute[float]
) -> ColumnElement[bool]:
    east_of, west_of = longitude >= box.west, longitude <= box.east
    across = and_(east_of, west_of) if box.west <= box.east else or_(east_of, west_of)
    return and_(latitude.between(box.south, box.north), across)


async def offices(
    session: AsyncSession,
    wanted: Wanted,
    county: str | None,
    box: Box | None,
    *,
    after: int,
    limit: int,
) -> Sequence[Office]:
    """Those that count, by number."""
    statement = select(Office).where(Office.id > after, counted(wanted))
    if county is not None:
        statement = statement.join(Office.place).where(Town.county == county)
    if box is not None:
        statement = statement.where(_inside(box, Office.latitude, Office.longitude))
    statement = statement.order_by(Office.id).limit(limit).options(selectinload(Office.place))
    return (await session.scalars(statement)).all()


@dataclass(frozen=True, slots=True)
class PlaceOnMap:
    """A town with its nearest office and the metres to it, if there is one."""

    town: Town
    office: str | None
    metres: float | None


async def towns(
    session: AsyncSession,
    wanted: Wanted,
    county: str | None,
    box: Box | None,
    *,
    after: str,
    limit: int,
) -> Sequence[PlaceOnMap]:
    """By slug."""
    place = places(wanted)
    statement = (
        select(Town, place.c.office, place.c.metres)
        .join(place, place.c.slug == Town.slug)
        .where(Town.slug > after)
    )
    if county is not None:
        statement = statement.where(Town.county == county)
    if box is not None:
        statement = statement.where(_inside(box, Town.latitude, Town.longitude))
    statement = statement.order_by(Town.slug).limit(limit)
    return [PlaceOnMap(*row) for row in await session.execute(statement)]
