"""SQL of the tariff."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Select, delete, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from services.parcels.tariff.domain import Distance, Rate, Surcharge, Version, rates_of
from services.parcels.tariff.models import TariffRate, TariffSurcharge, TariffVersion, VatRate
from shared.database import Database

VERSIONS_LOCK: Final = 0x5053_0010
VAT_ROWS_MAX: Final = 1_000

_VERSIONS_SQL: Final = """
SELECT code, valid_from, adds_vat FROM tariff_version WHERE published_at IS NOT NULL
ORDER BY valid_from DESC
"""
_RATES_SQL: Final = """
SELECT r.version, r.product, r.distance, r.max_weight_g, r.price_rials, r.per_kg_rials
FROM tariff_rate r JOIN tariff_version v ON v.code = r.version WHERE v.published_at IS NOT NULL
"""
_SURCHARGES_SQL: Final = """
SELECT s.version, s.kind, s.fixed_rials, s.basis_points, s.free_up_to_rials, s.longest_mm_max,
    s.girth_mm_max
FROM tariff_surcharge s JOIN tariff_version v ON v.code = s.version
WHERE v.published_at IS NOT NULL ORDER BY s.kind
"""
_VAT_SQL: Final = """
SELECT DISTINCT ON (valid_from) valid_from, basis_points FROM vat_rate
ORDER BY valid_from DESC, id DESC
"""


async def published(database: Database) -> list[Version]:
    """All published versions, newest first."""
    async with database.acquire() as connection:
        versions = await connection.fetch(_VERSIONS_SQL)
        rates = await connection.fetch(_RATES_SQL)
        surcharges = await connection.fetch(_SURCHARGES_SQL)
    steps: dict[str, list[Any]] = {row["code"]: [] for row in versions}
    added: dict[str, dict[Any, Surcharge]] = {row["code"]: {} for row in versions}
    for version, product, distance, *rate in rates:
        if version in steps:  # one published between the statements comes whole next time
            steps[version].append((product, Distance(distance), Rate(*rate)))
    for version, kind, *terms in surcharges:
        if version in added:
            added[version][kind] = Surcharge(*terms)
    return [
        Version(code, valid_from, adds_vat, rates_of(steps[code]), added[code])
        for code, valid_from, adds_vat in versions
    ]


async def vat(database: Database) -> list[tuple[datetime, int]]:
    """From when how many basis points, newest first."""
    return [tuple(row) for row in await database.hot.fetch(_VAT_SQL)]


async def in_full(session: AsyncSession, code: str, *, draft: bool) -> TariffVersion | None:
    """A version with its rates and surcharges."""
    statement = (
        _either(draft=draft)
        .where(TariffVersion.code == code)
        .options(selectinload(TariffVersion.rates), selectinload(TariffVersion.surcharges))
        .execution_options(populate_existing=True)
    )
    return await session.scalar(statement)


def _either(*, draft: bool) -> Select[TariffVersion]:
    published_at = TariffVersion.published_at
    return select(TariffVersion).where(
        published_at.is_(None) if draft else published_at.is_not(None)
    )


async def lock_draft(session: AsyncSession, code: str) -> TariffVersion | None:
    statement = _either(draft=True).where(TariffVersion.code == code).with_for_update()
    return await session.scalar(statement)


async def code_is_taken(session: AsyncSession, code: str) -> bool:
    return await session.get(TariffVersion, code) is not None


async def lock_versions(session: AsyncSession) -> None:
    """One new draft or publication at a time, until the transaction ends."""
    await session.execute(select(func.pg_advisory_xact_lock(VERSIONS_LOCK)))


async def beginning(session: AsyncSession, at: datetime) -> str | None:
    """The code of the published version that begins then."""
    statement = select(TariffVersion.code).where(
        TariffVersion.valid_from == at, TariffVersion.published_at.is_not(None)
    )
    return await session.scalar(statement)


async def next_beginning(session: AsyncSession, after: datetime) -> datetime | None:
    """When the first published version after this instant begins."""
    statement = select(func.min(TariffVersion.valid_from)).where(
        TariffVersion.valid_from > after, TariffVersion.published_at.is_not(None)
    )
    return await session.scalar(statement)


async def listing(
    session: AsyncSession, after: datetime | None, limit: int
) -> Sequence[Row[TariffVersion, datetime | None]]:
    """Published versions, newest first, each with when the next begins."""
    following = (
        select(
            TariffVersion.code,
            func.lead(TariffVersion.valid_from)
            .over(order_by=TariffVersion.valid_from)
            .label("until"),
        )
        .where(TariffVersion.published_at.is_not(None))
        .subquery()
    )
    statement = (
        select(TariffVersion, following.c.until)
        .join(following, following.c.code == TariffVersion.code)
        .order_by(TariffVersion.valid_from.desc())
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(TariffVersion.valid_from < after)
    return (await session.execute(statement)).all()


async def drafts(session: AsyncSession, after: str | None, limit: int) -> Sequence[TariffVersion]:
    statement = _either(draft=True).order_by(TariffVersion.code).limit(limit)
    if after is not None:
        statement = statement.where(TariffVersion.code > after)
    return (await session.scalars(statement)).all()


async def clear(session: AsyncSession, code: str) -> None:
    """Take a draft's rates and surcharges away."""
    await session.execute(delete(TariffRate).where(TariffRate.version == code))
    await session.execute(delete(TariffSurcharge).where(TariffSurcharge.version == code))


async def vat_rates(session: AsyncSession) -> Sequence[VatRate]:
    """What holds, newest first."""
    statement = (
        select(VatRate)
        .ext(distinct_on(VatRate.valid_from))
        .order_by(VatRate.valid_from.desc(), VatRate.id.desc())
        .limit(VAT_ROWS_MAX)
    )
    return (await session.scalars(statement)).all()
