"""Use cases of coverage: how far people have to go, and what would change it. Reads only."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.offices.applications import repository as applications
from services.offices.coverage import domain, repository
from services.offices.coverage.domain import FACTORS, RADII_KM, Reach
from services.offices.coverage.repository import Point, Served, Wanted
from services.offices.coverage.schemas import Coverage, Density, Saturation, Savings, WhatIfAnswer
from services.offices.registry.domain import Kind
from shared import pagination
from shared.calendar import Period
from shared.pagination import Page

METHOD: Final = (
    "All people of a place stand at its centre point; distances are great circles to the nearest"
    " active office. Offices stand as they are now; `on` picks what they offer that day. Villages"
    " and towns that are not among the places are not counted."
)
SAVINGS_METHOD: Final = (
    "An electronic service spares a journey from home to the nearest counter: its mean over all"
    " people, as coverage has it. A service at an office spares the way from the centre of the"
    " office's town to the principal's bureau, taken to be at the county's seat, less the way to"
    " the office. Great circles, made road by `detour`, there and back."
)


async def coverage(session: AsyncSession, wanted: Wanted) -> Coverage:
    """People within each radius of their nearest office, by county and in all."""
    await repository.check_service(session, wanted.service)
    counties = await repository.by_county(session, wanted)
    offices = await repository.offices_by_county(session, wanted)
    total = domain.together(list(counties.values()))
    return Coverage.model_validate(
        {
            "on": wanted.on,
            "kind": wanted.kind,
            "service": wanted.service,
            "method": METHOD,
            "total": {**_reach(total), "offices": sum(offices.values())},
            "counties": [
                {"county": county, "offices": offices.get(county, 0), **_reach(reach)}
                for county, reach in counties.items()
            ],
        }
    )


def _reach(reach: Reach) -> dict[str, Any]:
    return {
        "places": reach.places,
        "people": reach.people,
        "within": [
            {"radius_km": km, "people": people, "percent": domain.percent(people, reach.people)}
            for km, people in zip(RADII_KM, reach.within, strict=True)
        ],
        "person_km": reach.person_km,
        "mean_distance_m": reach.mean_distance_m,
    }


async def worst(
    session: AsyncSession, wanted: Wanted, page: Page
) -> tuple[list[Served], str | None]:
    """By people times distance, the most first; where there is no office at all, by people."""
    after = _after(page)
    await repository.check_service(session, wanted.service)
    rows = await repository.worst(session, wanted, after=after, limit=page.limit + 1)
    return pagination.cut(rows, page, lambda served: [served.rank, served.place])


def _after(page: Page) -> tuple[int, str] | None:
    match page.after:
        case None:
            return None
        case [int(rank), str(slug)] if 0 <= rank < 2**63 and slug.isascii() and slug.isprintable():
            return rank, slug
        case _:
            raise pagination.not_a_cursor()


async def what_if(session: AsyncSession, wanted: Wanted, point: Point) -> WhatIfAnswer:
    """What one more office at a point would change."""
    await repository.check_service(session, wanted.service)
    before, after = await repository.with_one_more(session, wanted, point)
    saved_m = None
    if before.person_m is not None and after.person_m is not None:
        saved_m = before.person_m - after.person_m
    return WhatIfAnswer.model_validate(
        {
            "kind": wanted.kind,
            "service": wanted.service,
            "latitude": point.latitude,
            "longitude": point.longitude,
            "method": METHOD,
            "before": _reach(before),
            "after": _reach(after),
            "gained": [
                {"radius_km": km, "people": then - now}
                for km, now, then in zip(RADII_KM, before.within, after.within, strict=True)
            ],
            "person_km_saved": None if saved_m is None else round(saved_m / 1000),
            "places": await repository.changed(session, wanted, point),
        }
    )


async def saturation(
    session: AsyncSession,
    kind: Kind,
    town: str,
    point: Point,
    *,
    on: date,
    without: int | None = None,
) -> Saturation:
    """A place applied for, before and after one more office of the kind at the point.

    The office numbered `without`, which applies for itself, does not count among those before.
    PlaceNotFound where the town is none of ours.
    """
    wanted = Wanted(kind, None, on, without)
    place = await repository.town(session, town)
    in_town, in_county = await repository.offices_around(session, wanted, place)
    centre = Point(place.latitude, place.longitude)
    nearest = await repository.nearest(session, wanted, point)
    of_centre = await repository.nearest(session, wanted, centre)
    new_m = await repository.apart(session, centre, point)
    return Saturation.model_validate(
        {
            "kind": kind,
            "town": place.slug,
            "county": place.county,
            "latitude": point.latitude,
            "longitude": point.longitude,
            "in_town": _density(in_town, place.population),
            "in_county": _density(in_county, await repository.county_people(session, place.county)),
            "nearest": nearest and {"office": nearest.office, "distance_m": round(nearest.metres)},
            "from_centre": {
                "office_before": of_centre and of_centre.office,
                "distance_before_m": of_centre and round(of_centre.metres),
                "distance_after_m": round(min(new_m, of_centre.metres) if of_centre else new_m),
            },
        }
    )


async def of_application(session: AsyncSession, application_id: UUID, *, on: date) -> Saturation:
    """As `saturation`, for the place that an application names."""
    asked = await applications.get(session, application_id)
    point = Point(asked.latitude, asked.longitude)
    return await saturation(session, asked.kind, asked.town, point, on=on, without=asked.office_id)


async def gained_by_application(
    session: AsyncSession, application_id: UUID, *, on: date
) -> WhatIfAnswer:
    """As `what_if`, for an office of the kind and at the place that an application names."""
    asked = await applications.get(session, application_id)
    wanted = Wanted(asked.kind, None, on, asked.office_id)
    return await what_if(session, wanted, Point(asked.latitude, asked.longitude))


def _density(offices: int, people: int) -> Density:
    return Density(
        people=people,
        offices_before=offices,
        offices_after=offices + 1,
        per_10000_before=domain.per_10_000(offices, people),
        per_10000_after=domain.per_10_000(offices + 1, people),
    )


async def savings(
    session: AsyncSession, period: Period, chosen: Mapping[str, float], *, on: date
) -> Savings:
    """What serving nearby and electronically spared in a period, by the factors `chosen`."""
    done = await repository.journeys(session, period.start, period.end)
    counties = await repository.by_county(session, Wanted(None, None, on))
    reach = domain.together(list(counties.values()))
    trip_m = reach.mean_distance_m
    electronic_km = done.electronic * (trip_m or 0) / 1000
    nearby_km = done.spared_m / 1000
    return Savings.model_validate(
        {
            "period": str(period),
            "method": SAVINGS_METHOD,
            "factors": [factor.chosen(chosen[factor.name]) for factor in FACTORS],
            "mean_trip_m": trip_m,
            "electronic": domain.saved(done.electronic, electronic_km, chosen),
            "nearby": domain.saved(done.nearby, nearby_km, chosen),
            "total": domain.saved(done.electronic + done.nearby, electronic_km + nearby_km, chosen),
            "not_counted": done.uncounted,
        }
    )
