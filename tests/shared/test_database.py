"""Start-up checks, the session's commit, and worlds."""

from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text

from services.offices.config import Settings
from services.offices.main import create_app
from shared.auth import Caller, Minter, read_private
from shared.clock import world_now
from shared.database import Database, StaleDatabaseError, check_ready, driver, world_dsn
from tests.conftest import Api, Serve, Templates

pytestmark = pytest.mark.anyio


def opened(dsn: str) -> Database:
    return Database(dsn, application="test", pool_size=1, hot_size=1)


async def test_a_stale_database_is_refused_and_says_what_to_run(
    templates: Templates, keys: Path
) -> None:
    made = await templates.copy("offices")
    owner = opened(made.owner_dsn)
    async with owner.transaction() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    await owner.close()
    app = create_app(Settings(dsn=made.app_dsn, worlds=["live"], SUSA_KEYS=keys))
    with pytest.raises(StaleDatabaseError, match="susa migrate offices"):
        async with app.router.lifespan_context(app):
            pass


async def test_an_owners_or_superusers_dsn_is_refused(templates: Templates, admin_dsn: str) -> None:
    made = await templates.copy("offices")
    name = made.owner_dsn.rpartition("/")[2]
    for dsn in (made.owner_dsn, admin_dsn.rpartition("/")[0] + "/" + name):
        database = opened(dsn)
        with pytest.raises(StaleDatabaseError, match="susa_offices_app"):
            await check_ready(database, "offices")
        await database.close()
    database = opened(made.app_dsn)
    await check_ready(database, "offices")
    await database.close()


async def test_raw_statements_inside_a_session_roll_back_with_it(serve: Serve) -> None:
    api: Api = await serve("offices")
    with pytest.raises(RuntimeError, match="undo"):
        async with api.database.transaction() as session:
            raw = await driver(session)
            await raw.execute("INSERT INTO outbox (type, time, data) VALUES ('a.b', now(), '{}')")
            raise RuntimeError("undo")
    assert await api.database.hot.fetchval("SELECT count(*) FROM outbox") == 0


def test_a_world_has_a_database_of_its_own() -> None:
    dsn = "postgresql://u:p@h:1/susa_offices"
    assert world_dsn(dsn, "live") == dsn
    assert world_dsn(dsn, "test") == "postgresql://u:p@h:1/susa_offices_test"


async def test_a_world_that_is_not_served_is_unavailable(serve: Serve) -> None:
    api: Api = await serve("offices")
    minter = Minter("gateway", read_private(api.keys / "gateway.jwk"))
    token = minter.token(Caller("x", "shop", frozenset(), "test"))
    answer = await api.client.get("/v1/offices", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 503


async def test_a_database_that_went_away_is_503(serve: Serve, admin_dsn: str) -> None:
    api: Api = await serve("offices")
    name = api.target.app_dsn.rpartition("/")[2]
    admin = await asyncpg.connect(admin_dsn)
    await admin.execute(f"REVOKE CONNECT ON DATABASE {name} FROM susa_offices_app")
    await admin.fetch(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name
    )
    answer = await api.client.get("/v1/offices")
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    await admin.execute(f"GRANT CONNECT ON DATABASE {name} TO susa_offices_app")
    await admin.close()
    assert (await api.client.get("/v1/offices")).status_code == 200


class TestClock:
    async def test_timers_read_the_row_and_a_backfill_only_goes_forward(self, serve: Serve) -> None:
        api: Api = await serve("offices")
        sister = api.headers("internal", sub="gateway", kind="service")

        async def put(body: dict[str, str | None]) -> int:
            answer = await api.client.put("/internal/clock", json=body, headers=sister)
            status: int = answer.status_code
            return status

        async def now() -> str:
            async with api.database.transaction() as session:
                return (await world_now(session, api.clock)).isoformat()

        assert await now() == api.clock.now().isoformat()
        assert await put({"mode": "backfill", "at": "2018-01-02T00:00:00Z"}) == 200
        assert await put({"mode": "backfill", "at": "2018-01-01T00:00:00Z"}) == 200
        assert (await now()).startswith("2018-01-02")
        assert await put({"mode": "wall"}) == 200
        assert await now() == api.clock.now().isoformat()
        assert await put({"mode": "wall", "at": "2018-01-01T00:00:00Z"}) == 422
        assert await put({"mode": "backfill"}) == 422
        shop = api.headers("backfill")
        answer = await api.client.put("/internal/clock", json={"mode": "wall"}, headers=shop)
        assert answer.status_code == 403
