"""SQL of the promise: terms, pauses, and the facts that an item's promise depends on."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

import asyncpg
from sqlalchemy import func, insert, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.promise.domain import (
    PAUSING,
    Declared,
    Moment,
    Pause,
    Target,
    TermsVersion,
)
from services.parcels.promise.errors import PauseNotFound
from services.parcels.promise.models import PromisePause, PromiseTarget, PromiseVersion
from services.parcels.scanning import repository as scanning

_VERSIONS_SQL: Final = """
SELECT DISTINCT ON (valid_from) id, code, valid_from FROM promise_version
ORDER BY valid_from DESC, id DESC
"""
_TARGETS_SQL: Final = """
SELECT version, product, distance, target_hours, clock, cutoff_minute FROM promise_target
"""
# a town is written by its slug or its name, here and in bookings
_PAUSES_SQL: Final = """
SELECT p.province, p.town, p.starts_at, p.ends_at,
    (SELECT array_agg(DISTINCT n.written)
        FROM office o, unnest(ARRAY[o.town, o.town_name]) AS n (written)
        WHERE o.province = p.province AND p.town IN (o.town, o.town_name)) AS names
FROM promise_pause p WHERE p.ends_at IS NULL OR p.ends_at > p.starts_at
ORDER BY p.starts_at
"""
_FACTS_SQL: Final = """
SELECT p.item_id, p.partner, p.reference, p.product, p.status, p.version, p.backfill, p.booked_at,
    p.accepted_at, p.ended_at, p.promised_at, p.to_province, p.to_town,
    o.id AS office_id, o.code, o.town, o.town_name, o.province
FROM parcel p JOIN office o ON o.id = p.origin_office
WHERE p.item_id = ANY($1) AND p.promised_at IS NOT NULL
ORDER BY p.item_id
"""
_REASONS_SQL: Final = f"""
SELECT item_id, event_id, reason FROM scan_event
WHERE item_id = ANY($1) AND reason IS NOT NULL
    AND event IN ({", ".join(str(int(event)) for event in sorted(PAUSING))})
"""


async def versions(connection: asyncpg.Connection) -> list[TermsVersion]:
    """Those that hold, newest first."""
    targets: dict[int, dict[tuple[int, str], Target]] = {}
    for row in await connection.fetch(_TARGETS_SQL):
        target = Target(row["target_hours"], row["clock"], row["cutoff_minute"])
        targets.setdefault(row["version"], {})[row["product"], row["distance"]] = target
    return [
        TermsVersion(row["code"], row["valid_from"], targets.get(row["id"], {}))
        for row in await connection.fetch(_VERSIONS_SQL)
    ]


async def declared(connection: asyncpg.Connection) -> list[Declared]:
    found = []
    for row in await connection.fetch(_PAUSES_SQL):
        pause = Pause(row["starts_at"], row["ends_at"], "force_majeure", declared=True)
        names = None if row["town"] is None else frozenset({row["town"], *(row["names"] or ())})
        found.append(Declared(pause, row["province"], names))
    return found


async def facts(connection: asyncpg.Connection, items: Collection[int]) -> list[asyncpg.Record]:
    """Of those of the items that were promised, by item id."""
    found: list[asyncpg.Record] = await connection.fetch(_FACTS_SQL, list(items))
    return found


async def moments(
    connection: asyncpg.Connection, items: Collection[int]
) -> Mapping[int, Sequence[Moment]]:
    """Items' events as the fold counts them, in its order, with the reasons of those that pause."""
    if not items:
        return {}
    reasons = {
        (row["item_id"], row["event_id"]): row["reason"]
        for row in await connection.fetch(_REASONS_SQL, list(items))
    }
    return {
        item: [
            Moment(int(scan.event), scan.effective_at, reasons.get((item, scan.event_id)))
            for scan in sorted((s for s in scans if not s.flagged), key=lambda s: s.order)
        ]
        for item, scans in (await scanning.histories(connection, list(items))).items()
    }


# terms


async def add_terms(
    session: AsyncSession, version: PromiseVersion, targets: Sequence[dict[str, Any]]
) -> None:
    session.add(version)
    await session.flush()
    rows = [{"version": version.id, **target} for target in targets]
    await session.execute(insert(PromiseTarget), rows)


async def terms(session: AsyncSession, code: str) -> PromiseVersion | None:
    return await session.scalar(select(PromiseVersion).where(PromiseVersion.code == code))


async def targets(session: AsyncSession, version: PromiseVersion) -> Sequence[PromiseTarget]:
    statement = (
        select(PromiseTarget)
        .where(PromiseTarget.version == version.id)
        .order_by(PromiseTarget.product, PromiseTarget.distance)
    )
    return (await session.scalars(statement)).all()


async def all_terms(
    session: AsyncSession, after: tuple[date, int] | None, limit: int
) -> Sequence[PromiseVersion]:
    """By day, newest first; of a day, the one recorded last first."""
    key = (PromiseVersion.valid_from, PromiseVersion.id)
    statement = select(PromiseVersion).order_by(*(part.desc() for part in key)).limit(limit)
    if after is not None:
        statement = statement.where(tuple_(*key) < tuple_(*after))
    return (await session.scalars(statement)).all()


# pauses


async def new_id(session: AsyncSession) -> UUID:
    """Grows with time, so that lists are in order."""
    made: UUID = (await session.execute(select(func.uuidv7()))).scalar_one()
    return made


async def pause(session: AsyncSession, pause_id: UUID, *, lock: bool = False) -> PromisePause:
    found = await session.get(PromisePause, pause_id, with_for_update=lock)
    if found is None:
        raise PauseNotFound("there is no pause of this id")
    return found


async def pauses(session: AsyncSession, after: UUID | None, limit: int) -> Sequence[PromisePause]:
    """Newest first."""
    statement = select(PromisePause).order_by(PromisePause.id.desc()).limit(limit)
    if after is not None:
        statement = statement.where(PromisePause.id < after)
    return (await session.scalars(statement)).all()
