"""What is kept how long."""

from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from services import kept
from shared import retention
from shared.auth import SERVICES
from tests.conftest import START, Serve, Templates

pytestmark = pytest.mark.anyio
GUIDE = Path(__file__).parents[2] / "docs" / "operations.md"


async def test_a_sweep_forgets_all_that_is_over_and_nothing_else(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "ROWS", 10)
    api = await serve("offices")
    hot = api.database.hot
    await hot.execute(
        "INSERT INTO idempotency (caller, operation, key, fingerprint, status, headers, body,"
        " expires_at) SELECT 'c', 'o', n::text, '', 200, '{}', '', CASE WHEN n <= 25"
        " THEN $1::timestamptz ELSE $2 END FROM generate_series(1, 30) n",
        START - timedelta(seconds=1),
        START + timedelta(seconds=1),
    )
    await hot.execute(
        "INSERT INTO quarantine (consumer, epoch, position, event, error, recorded_at)"
        " SELECT 'c', uuidv7(), n, '{}', 'e', $1::timestamptz - n * interval '100 days'"
        " FROM generate_series(1, 3) n",
        START,
    )
    gone = await retention.sweep(api.database, START)
    assert gone == {"idempotency": 25, "quarantine": 2, "feed_consumer": 0}
    assert await retention.sweep(api.database, START) == dict.fromkeys(gone, 0)
    assert await hot.fetchval("SELECT count(*) FROM idempotency") == 5
    # readers that are gone keep nothing, and what stands for restores is none of them
    later = await hot.fetchval("SELECT now() + interval '36 days'")
    await hot.execute("INSERT INTO feed_consumer (name, position) VALUES ('gone', 0)")
    assert (await retention.sweep(api.database, later))["feed_consumer"] >= 1
    names = await hot.fetch("SELECT name FROM feed_consumer")
    assert [row["name"] for row in names] == ["feed.kept"]


async def test_partitions_of_the_feed_stay_for_as_long_as_one_may_restore(serve: Serve) -> None:
    api = await serve("offices")
    hot = api.database.hot
    last = "INSERT INTO feed (position, event_id, type, time, data) VALUES ($1, uuidv7(), 'a.b',"
    await hot.execute(f"{last} now(), '{{}}')", 999_999)
    await hot.execute("UPDATE feed_head SET position = 1500000")
    now = await hot.fetchval("SELECT now()")
    await hot.execute("INSERT INTO feed_consumer (name, position) VALUES ('all', 1500000)")
    await retention.sweep(api.database, now)
    assert await hot.fetchval("SELECT to_regclass('feed_p0')") is not None
    await hot.execute("UPDATE feed_consumer SET seen_at = now() + interval '36 days'")
    await retention.sweep(api.database, now + timedelta(days=36))
    assert await hot.fetchval("SELECT to_regclass('feed_p0')") is None
    assert await hot.fetchval("SELECT floor FROM feed_head") == 999_999


_TABLES = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition
"""


@pytest.mark.parametrize("service", SERVICES)
async def test_every_table_is_declared_once(templates: Templates, service: str) -> None:
    """The catalogue of the migrated database is read: a new table must say how long it is kept."""
    target = await templates.copy(service, ["live"])
    connection = await asyncpg.connect(target.owner_dsn)
    try:
        tables = [row["relname"] for row in await connection.fetch(_TABLES)]
    finally:
        await connection.close()
    declared = [
        *kept.SHARED,
        *kept.SWEPT[service],
        *kept.WORK[service],
        *kept.PERSONAL[service],
        *kept.FOR_GOOD[service],
    ]
    assert sorted(declared) == sorted(set(tables) - {"alembic_version"})


def test_the_guide_names_every_table() -> None:
    guide = GUIDE.read_text()
    for one in retention.RETENTION:
        assert f"| `{one.table}` | {one.age.days} days" in guide
    for tables in kept.SWEPT.values():
        assert [table for table in tables if f"| `{table}` | " not in guide] == []
