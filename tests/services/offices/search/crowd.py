"""A hundred thousand made-up offices, put in by one statement."""

from typing import Any, Final

import asyncpg

CROWD: Final = 100_000

SEARCHED: Final = ("ix_office_point", "ix_office_search_text", "ix_office_name_key")

# names of quarters are numbers spelt in letters, so that trigrams are as many as in real names
_FILL: Final = """
INSERT INTO office (id, code, name, kind, town, address, postal_code, latitude, longitude, hours,
    status, search_text, version, created_at, updated_at)
SELECT n, 'KZ' || lpad(n::text, 6, '0'), 'دفتر پیشخوان ' || quarter, 'pishkhan',
    (ARRAY['ahvaz', 'veys', 'dezful'])[1 + n % 3], 'خیابان ' || quarter, '6135743337',
    29.9 + (n * 7919 % 100000) / 100000.0 * 3.2, 47.6 + (n * 104729 % 100000) / 100000.0 * 3.1,
    '{"sat": ["07:30-14:00"], "sun": ["07:30-14:00"], "mon": ["07:30-14:00"]}', 'active',
    format(E' دفتر پیشخوان %1$s \\n خیابان %1$s \\n kz%2$s اهواز ', quarter, lpad(n::text, 6, '0')),
    1, now(), now()
FROM generate_series(1, 100000::bigint) n
CROSS JOIN LATERAL (SELECT translate((n % 5000)::text, '0123456789', 'ابپتجحدرسش')
    || translate((n % 97)::text, '0123456789', 'کگلمنوهیفق') AS quarter) q
"""


async def fill(connection: asyncpg.Connection) -> None:
    """As the database's owner. Only the indexes that searches read are there after, built whole."""
    await connection.execute("ALTER TABLE office DROP CONSTRAINT fk_office_town")
    rows = await connection.fetch(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'office'"
    )
    made = {row["indexname"]: row["indexdef"] for row in rows if row["indexname"][:3] == "ix_"}
    await connection.execute(f"DROP INDEX {', '.join(made)}")
    await connection.execute(_FILL)
    for name in SEARCHED:
        await connection.execute(made[name])
    await connection.execute("ANALYZE office")


def scans(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """The nodes of a plan that read a table or an index."""
    own = [plan] if "Scan" in plan["Node Type"] else []
    return own + [found for child in plan.get("Plans", []) for found in scans(child)]
