"""SQL of the office replica."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
from pydantic_core import to_json
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.events import GatePayload, OfficePayload
from services.parcels.vocabulary import PRODUCT_BY_WIRE

_UPSERT = text("""
INSERT INTO office AS o (id, code, name, kind, town, town_name, county, province,
                         latitude, longitude, active, version,
                         gate_open, gate_until, gate_reason, gate_products, gate_weight_max_g,
                         sorting_centre)
SELECT id, code, name, kind, town, town_name, county, province,
       latitude, longitude, status = 'active', version,
       gate_open, gate_until, gate_reason, gate_products, gate_weight_max_g, sorting_centre
FROM json_to_recordset(CAST(:offices AS json)) AS r (id int, code text, name text, kind text,
    town text, town_name text, county text, province text,
    latitude float8, longitude float8, status text, version bigint, gate_open bool,
    gate_until timestamptz, gate_reason text, gate_products smallint[], gate_weight_max_g int,
    sorting_centre text)
ON CONFLICT (id) DO UPDATE SET code = excluded.code, name = excluded.name, kind = excluded.kind,
    town = excluded.town, town_name = excluded.town_name, county = excluded.county,
    province = excluded.province, latitude = excluded.latitude, longitude = excluded.longitude,
    active = excluded.active, version = excluded.version, gate_open = excluded.gate_open,
    gate_until = excluded.gate_until, gate_reason = excluded.gate_reason,
    gate_products = excluded.gate_products, gate_weight_max_g = excluded.gate_weight_max_g,
    sorting_centre = excluded.sorting_centre
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
    kind: str
    latitude: float
    longitude: float
    sorting_centre: str | None
    county: str


async def upsert(session: AsyncSession, offices: Sequence[OfficePayload]) -> None:
    """Take over offices; an older version never overwrites a newer one."""
    rows = [office.model_dump(exclude={"gate"}) | _gate(office.gate) for office in offices]
    await session.execute(_UPSERT, {"offices": to_json(rows).decode()})


async def forget_versions(session: AsyncSession) -> None:
    """No state is newer than the next one told; who is told nothing of any more takes no orders."""
    await session.execute(text("UPDATE office SET version = -1, active = false"))


def _gate(gate: GatePayload) -> dict[str, Any]:
    """As columns; a product that we do not carry cannot be booked anyhow."""
    products = gate.products
    return {
        "gate_open": gate.open,
        "gate_until": gate.until,
        "gate_reason": gate.reason,
        "gate_products": products
        and [int(PRODUCT_BY_WIRE[name]) for name in products if name in PRODUCT_BY_WIRE],
        "gate_weight_max_g": gate.weight_max_g,
    }


async def all_offices(connection: asyncpg.Pool | asyncpg.Connection) -> list[OfficeRow]:
    rows = await connection.fetch(
        "SELECT id, code, name, town, town_name, province, active, kind, latitude, longitude,"
        " sorting_centre, county FROM office"
    )
    return [OfficeRow(*row) for row in rows]
