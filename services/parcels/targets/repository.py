"""SQL of populations and targets: of several records for the same, the last holds."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Row, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.targets.domain import People
from services.parcels.targets.models import CountyPopulation

_PEOPLE: Final = text("""
SELECT DISTINCT ON (county) county, people, valid_from FROM county_population
WHERE valid_from < :until ORDER BY county, valid_from DESC, id DESC
""")

_TARGETS: Final = text("""
SELECT * FROM (
    SELECT DISTINCT ON (measure, county, product) period, measure, county, product, value, reason,
        recorded_at
    FROM target
    WHERE period = :period AND (measure, county, product) > (:measure, :county, :product)
        AND (CAST(:of_county AS text) IS NULL OR county = :of_county)
        AND (CAST(:of_product AS smallint) IS NULL OR product = :of_product)
    ORDER BY measure, county, product, id DESC
) AS newest WHERE value IS NOT NULL
ORDER BY measure, county, product LIMIT :limit
""")


async def people(session: AsyncSession, until: date) -> dict[str, People]:
    """By county, who lives there on the last day before `until`."""
    rows = await session.execute(_PEOPLE, {"until": until})
    return {row.county: People(row.people, row.valid_from) for row in rows}


async def populations(
    session: AsyncSession, county: str | None, after: tuple[str, int] | None, limit: int
) -> Sequence[CountyPopulation]:
    """By county, as they were recorded."""
    key = (CountyPopulation.county, CountyPopulation.id)
    statement = select(CountyPopulation).order_by(*key).limit(limit)
    if county is not None:
        statement = statement.where(CountyPopulation.county == county)
    if after is not None:
        statement = statement.where(tuple_(*key) > tuple_(*after))
    return (await session.scalars(statement)).all()


async def targets(
    session: AsyncSession,
    period: str,
    of: tuple[str | None, int | None],
    after: tuple[str, str, int],
    limit: int,
) -> Sequence[Row[Any]]:
    """Those that hold, of a county and a product or of any, by measure, county and product."""
    measure, county, product = after
    asked = {
        "period": period,
        "measure": measure,
        "county": county,
        "product": product,
        "of_county": of[0],
        "of_product": of[1],
        "limit": limit,
    }
    return (await session.execute(_TARGETS, asked)).all()
