"""All SQL of coverage: whole places at their centre points, each with its nearest office.

Distances are great circles, from chords of the unit sphere read off the offices' GiST index.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Double,
    Select,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlalchemy.sql.selectable import LateralFromClause

from services.offices.catalogue.errors import ServiceNotFound
from services.offices.catalogue.models import DelegatedService, Offering
from services.offices.coverage.domain import RADII_KM, Reach
from services.offices.coverage.errors import PlaceNotFound
from services.offices.performance.models import PerformedByOffice
from services.offices.registry.domain import EARTH_RADIUS_M, Kind
from services.offices.registry.models import Office, Town

CHANGED_MAX: Final = 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which active offices count: of a kind, offering a service on a day, or both.

    With neither: every one that serves the public, which sorting centres do not. The office
    numbered `without` is left out.
    """

    kind: Kind | None
    service: str | None
    on: date
    without: int | None = None


@dataclass(frozen=True, slots=True)
class Point:
    latitude: float
    longitude: float


def counted(wanted: Wanted) -> ColumnElement[bool]:
    """The condition on an office."""
    conditions = [Office.status == "active"]
    if wanted.without is not None:
        conditions.append(Office.id != wanted.without)
    if wanted.kind is not None:
        conditions.append(Office.kind == wanted.kind)
    elif wanted.service is None:
        conditions.append(Office.kind != "sorting_centre")
    if wanted.service is not None:
        conditions.append(_offers(wanted.service, wanted.on))
    return and_(*conditions)


def _offers(service: str, day: date) -> ColumnElement[bool]:
    """Of an office in the statement around it: that it offers a valid service on the day."""
    found = select(Offering.id).join(Offering.offered)
    for dated in (Offering, DelegatedService):
        still = or_(dated.valid_until.is_(None), dated.valid_until >= day)
        found = found.where(dated.valid_from <= day, still)
    found = found.where(Offering.office_id == Office.id, Offering.service == service)
    return found.correlate(Office).exists()


def _metres(chord: ColumnElement[float]) -> ColumnElement[float]:
    """Along the surface; null stays null, which least() would not see to.

    Between antipodes rounding may take a chord past 2, where there is no arc sine.
    """
    arc = 2 * EARTH_RADIUS_M * func.asin(chord / 2)
    return case((chord < 2, arc), (chord >= 2, math.pi * EARTH_RADIUS_M))


def _at(point: Point) -> ColumnElement[Any]:
    return func.earth_point(literal(point.latitude, Double), literal(point.longitude, Double))


_TOWN_POINT: Final = func.earth_point(Town.latitude, Town.longitude)
_OFFICE_POINT: Final = func.earth_point(Office.latitude, Office.longitude)


def _chord(a: ColumnElement[Any], b: ColumnElement[Any]) -> ColumnElement[float]:
    return a.op("<->", return_type=Double())(b)


def places(wanted: Wanted) -> CTE:
    """Each place with `office` and `metres` of its nearest; nulls where no office counts."""
    chord = _chord(_OFFICE_POINT, _TOWN_POINT)
    near = (
        select(Office.code, chord.label("chord"))
        .where(counted(wanted))
        .order_by(chord, Office.id)
        .limit(1)
        .correlate(Town)
        .lateral("near")
    )
    columns = (Town.slug, Town.name, Town.county, Town.population, Town.latitude, Town.longitude)
    return (
        select(*columns, near.c.code.label("office"), _metres(near.c.chord).label("metres"))
        .select_from(Town)
        .outerjoin(near, true())
        .cte("place")
    )


def _reach(people: ColumnElement[int], metres: ColumnElement[float]) -> list[ColumnElement[Any]]:
    """The sums that make a `Reach`, in its order."""
    within = [func.coalesce(func.sum(people).filter(metres <= km * 1000), 0) for km in RADII_KM]
    return [func.count(), func.coalesce(func.sum(people), 0), *within, func.sum(people * metres)]


def _as_reach(sums: Sequence[Any]) -> Reach:
    count, people, *within, person_m = sums
    return Reach(count, people, tuple(within), person_m)


async def check_service(session: AsyncSession, code: str | None) -> None:
    if code is None:
        return
    found = select(DelegatedService.code).where(DelegatedService.code == code)
    if await session.scalar(found) is None:
        raise ServiceNotFound(f"there is no service {code}")


async def by_county(session: AsyncSession, wanted: Wanted) -> dict[str, Reach]:
    """County by county, those of all towns."""
    place = places(wanted)
    statement = (
        select(place.c.county, *_reach(place.c.population, place.c.metres))
        .group_by(place.c.county)
        .order_by(place.c.county)
    )
    return {county: _as_reach(sums) for county, *sums in await session.execute(statement)}


async def offices_by_county(session: AsyncSession, wanted: Wanted) -> dict[str, int]:
    statement = (
        select(Town.county, func.count())
        .select_from(Office)
        .join(Office.place)
        .where(counted(wanted))
        .group_by(Town.county)
    )
    return {row[0]: row[1] for row in await session.execute(statement)}


@dataclass(frozen=True, slots=True)
class Served:
    """A place, its nearest office, and people times distance, whole kilometres.

    `rank` is that product, or the people where there is no office at all.
    """

    place: str
    name: str
    county: str
    people: int
    latitude: float
    longitude: float
    office: str | None
    distance_m: int | None
    person_km: int | None
    rank: int


async def worst(
    session: AsyncSession, wanted: Wanted, *, after: tuple[int, str] | None, limit: int
) -> Sequence[Served]:
    place = places(wanted)
    person_km = cast(func.round(place.c.population * place.c.metres / 1000), BigInteger)
    rank = func.coalesce(person_km, cast(place.c.population, BigInteger))
    statement = (
        select(
            place.c.slug,
            place.c.name,
            place.c.county,
            place.c.population,
            place.c.latitude,
            place.c.longitude,
            place.c.office,
            cast(func.round(place.c.metres), BigInteger),
            person_km,
            rank.label("rank"),
        )
        .order_by(rank.desc(), place.c.slug)
        .limit(limit)
    )
    if after is not None:
        value, slug = literal(after[0], BigInteger), after[1]
        statement = statement.where(or_(rank < value, and_(rank == value, place.c.slug > slug)))
    return [Served(*row) for row in await session.execute(statement)]


@dataclass(frozen=True, slots=True)
class Changed:
    """A place to which one more office would be nearer."""

    place: str
    name: str
    county: str
    people: int
    before_m: int | None
    after_m: int


def _with_one_more(wanted: Wanted, point: Point) -> Select[Any]:
    """Each place with the metres to its nearest office, as it is and with one more at `point`."""
    place = places(wanted)
    new = _metres(_chord(_at(point), func.earth_point(place.c.latitude, place.c.longitude)))
    # least() passes over nulls: where there is no office, the new one is the nearest
    after = func.least(place.c.metres, new).label("after_m")
    columns = (place.c.slug, place.c.name, place.c.county, place.c.population)
    return select(*columns, place.c.metres.label("before_m"), after)


async def with_one_more(session: AsyncSession, wanted: Wanted, point: Point) -> tuple[Reach, Reach]:
    """Over all places: as it is, and with one more office at a point."""
    place = _with_one_more(wanted, point).cte("changed")
    before = _reach(place.c.population, place.c.before_m)
    statement = select(*before, *_reach(place.c.population, place.c.after_m))
    sums = (await session.execute(statement)).one()
    return _as_reach(sums[: len(before)]), _as_reach(sums[len(before) :])


async def changed(session: AsyncSession, wanted: Wanted, point: Point) -> Sequence[Changed]:
    """The places that gain most, by people times metres; where there was no office, by people."""
    place = _with_one_more(wanted, point).cte("changed")
    gain = place.c.population * (place.c.before_m - place.c.after_m)
    statement = (
        select(
            place.c.slug,
            place.c.name,
            place.c.county,
            place.c.population,
            cast(func.round(place.c.before_m), BigInteger),
            cast(func.round(place.c.after_m), BigInteger),
        )
        .where(or_(place.c.before_m.is_(None), place.c.after_m < place.c.before_m))
        .order_by(func.coalesce(gain, place.c.population).desc(), place.c.slug)
        .limit(CHANGED_MAX)
    )
    return [Changed(*row) for row in await session.execute(statement)]


async def town(session: AsyncSession, slug: str) -> Town:
    found = await session.get(Town, slug)
    if found is None:
        raise PlaceNotFound(f"there is no town {slug}; see /v1/towns")
    return found


async def county_people(session: AsyncSession, county: str) -> int:
    total = select(func.sum(Town.population)).where(Town.county == county)
    return await session.scalar(total) or 0


async def offices_around(session: AsyncSession, wanted: Wanted, place: Town) -> tuple[int, int]:
    """How many count in the town, and in its county."""
    in_town = func.count().filter(Office.town == place.slug)
    statement = (
        select(in_town, func.count())
        .select_from(Office)
        .join(Office.place)
        .where(counted(wanted), Town.county == place.county)
    )
    row = (await session.execute(statement)).one()
    return row[0], row[1]


@dataclass(frozen=True, slots=True)
class Near:
    office: str
    metres: float


async def nearest(session: AsyncSession, wanted: Wanted, point: Point) -> Near | None:
    chord = _chord(_OFFICE_POINT, _at(point))
    statement = (
        select(Office.code, _metres(chord))
        .where(counted(wanted))
        .order_by(chord, Office.id)
        .limit(1)
    )
    row = (await session.execute(statement)).first()
    return None if row is None else Near(row[0], row[1])


async def apart(session: AsyncSession, one: Point, other: Point) -> float:
    """Metres between two points."""
    metres: float = (
        await session.execute(select(_metres(_chord(_at(one), _at(other)))))
    ).scalar_one()
    return metres


@dataclass(frozen=True, slots=True)
class Journeys:
    """Services of a period, and the great-circle metres one way that those at hand spared.

    `uncounted`: at counters in counties whose seat is not among the places.
    """

    electronic: int
    nearby: int
    spared_m: float
    uncounted: int


async def journeys(session: AsyncSession, start: date, end: date) -> Journeys:
    """Of the days in [start, end). A customer stands at the centre of the office's own town.

    An office spares the way to the county's seat, less the way to itself, and never less than 0.
    """
    done = PerformedByOffice
    counts = (
        select(
            done.office_id,
            func.sum(done.count).filter(done.electronic).label("electronic"),
            func.sum(done.count).filter(~done.electronic).label("counter"),
        )
        .where(done.day >= start, done.day < end)
        .group_by(done.office_id)
        .subquery("counts")
    )
    seat = _seat_of_town()
    known = seat.c.slug.is_not(None)
    seat_point = func.earth_point(seat.c.latitude, seat.c.longitude)
    way_to_office = _metres(_chord(_OFFICE_POINT, _TOWN_POINT))
    spared = func.greatest(_metres(_chord(seat_point, _TOWN_POINT)) - way_to_office, 0.0)
    statement = (
        select(
            _whole(func.sum(counts.c.electronic)),
            _whole(func.sum(counts.c.counter).filter(known)),
            func.coalesce(func.sum(cast(counts.c.counter, Double) * spared).filter(known), 0.0),
            _whole(func.sum(counts.c.counter).filter(~known)),
        )
        .select_from(counts)
        .join(Office, Office.id == counts.c.office_id)
        .join(Office.place)
        .outerjoin(seat, true())
    )
    return Journeys(*(await session.execute(statement)).one())


def _seat_of_town() -> LateralFromClause:
    """The seat of the county that a town of the query around this lies in."""
    seat = aliased(Town)
    return (
        select(seat.slug, seat.latitude, seat.longitude)
        .where(seat.county == Town.county, seat.seat)
        .order_by(seat.slug)
        .limit(1)
        .correlate(Town)
        .lateral("seat")
    )


def _whole(total: ColumnElement[Any]) -> ColumnElement[int]:
    """A sum of bigints, which PostgreSQL gives as numeric; of nothing, 0."""
    return cast(func.coalesce(total, 0), BigInteger)
