"""SQL of the office replica."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic_core import to_json
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.events import OfficePayload
from shared.database import Database

_UPSERT = text("""
INSERT INTO office AS o (id, code, name, kind, town, town_name, county, province,
                         latitude, longitude, active, version)
SELECT id, code, name, kind, town, town_name, county, province,
       latitude, longitude, status = 'active', version
FROM json_to_recordset(CAST(:offices AS json)) AS r (id int, code text, name text, kind text,
    town text, town_name text, county text, province text,
    latitude float8, longitude float8, status text, version bigint)
ON CONFLICT (id) DO UPDATE SET code = excluded.code, name = excluded.name, kind = excluded.kind,
    town = excluded.town, town_name = excluded.town_name, county = excluded.county,
    province = excluded.province, latitude = excluded.latitude, longitude = excluded.longitude,
    active = excluded.active, version = excluded.version
WHERE o.version < excluded.version
""")


@dataclass(frozen=True, slots=True)
class OfficeRow:
    id: int
    code: str
    name: str
    town: str
    town_name: str
    province: str
    active: bool


async def upsert(session: AsyncSession, offices: Sequence[OfficePayload]) -> None:
    """Take over offices; an older version never overwrites a newer one."""
    rows = [office.model_dump() for office in offices]
    await session.execute(_UPSERT, {"offices": to_json(rows).decode()})


async def all_offices(database: Database) -> list[OfficeRow]:
    rows = await database.hot.fetch(
        "SELECT id, code, name, town, town_name, province, active FROM office"
    )
    return [OfficeRow(*row) for row in rows]
