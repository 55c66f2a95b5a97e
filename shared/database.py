"""A service's databases, one a world: an SQLAlchemy engine, and an asyncpg pool for hot paths."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from importlib import resources
from typing import Any, Final, cast
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from shared.auth import World
from shared.errors import Unavailable
from shared.patience import PATIENCE

CONNECT_TIMEOUT_S: Final = 5 * PATIENCE
STATEMENT_TIMEOUT_MS: Final = round(15_000 * PATIENCE)
LOCK_TIMEOUT_MS: Final = round(5_000 * PATIENCE)


class StaleDatabaseError(RuntimeError):
    """The database is not at the schema that this code was written for."""


def world_dsn(dsn: str, world: World) -> str:
    """The DSN of a world: `live` is the DSN itself, `test` the database beside it."""
    if world == "live":
        return dsn
    parts = urlsplit(dsn)
    return urlunsplit(parts._replace(path=f"{parts.path}_test"))


def sqlalchemy_url(dsn: str) -> str:
    return dsn.replace("postgresql://", "postgresql+asyncpg://", 1)


def _server_settings(application: str) -> dict[str, str]:
    return {
        "application_name": application,
        "statement_timeout": str(STATEMENT_TIMEOUT_MS),
        "lock_timeout": str(LOCK_TIMEOUT_MS),
        "idle_in_transaction_session_timeout": "30000",
        "timezone": "UTC",
        "jit": "off",
    }


async def _leave_as_it_is(_: asyncpg.Connection) -> None:
    """The pool's reset, for connections on which no session state is ever set."""


class Database:
    """One service's database in one world. Both pools are bounded; nothing overflows."""

    def __init__(
        self,
        dsn: str,
        *,
        application: str,
        pool_size: int,
        hot_size: int,
        info: Mapping[str, Any] | None = None,
    ) -> None:
        """`info` is what every session carries along, such as the service's settings."""
        self.dsn = dsn
        self._application = application
        self._hot_size = hot_size
        self.engine = create_async_engine(
            sqlalchemy_url(dsn),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=CONNECT_TIMEOUT_S,
            json_deserializer=json.loads,
            hide_parameters=True,  # its errors are logged, and parameters are people's names
            connect_args={
                "timeout": CONNECT_TIMEOUT_S,
                "server_settings": _server_settings(application),
            },
        )
        self.sessions = async_sessionmaker(
            self.engine, expire_on_commit=False, info=dict(info or {})
        )
        self._hot: asyncpg.Pool | None = None

    @property
    def hot(self) -> asyncpg.Pool:
        """The asyncpg pool: one statement a request, no session around it."""
        if self._hot is None:
            raise RuntimeError("the database is not open")
        return self._hot

    def acquire(self) -> asyncpg.pool.PoolAcquireContext:
        """A connection of the hot pool; TimeoutError when none comes free."""
        return self.hot.acquire(timeout=CONNECT_TIMEOUT_S)

    async def open(self) -> None:
        self._hot = await asyncpg.create_pool(
            self.dsn,
            min_size=0,
            max_size=self._hot_size,
            timeout=CONNECT_TIMEOUT_S,
            max_inactive_connection_lifetime=60,
            # one plan a statement, made once: planning the larger ones takes longer than they do.
            # A batch, whose plan depends on its size, sets force_custom_plan for itself
            # nothing of a session is kept on these connections (SET LOCAL only), so giving one
            # back needs no round trip to reset it
            reset=_leave_as_it_is,
            server_settings={
                **_server_settings(self._application),
                "plan_cache_mode": "force_generic_plan",
            },
        )

    async def close(self) -> None:
        if self._hot is not None:
            await self._hot.close()
            self._hot = None
        await self.engine.dispose()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """One transaction: commits at the end, rolls back on any error."""
        async with self.sessions() as session, session.begin():
            yield session


class Databases:
    """The worlds of one service."""

    def __init__(self, worlds: Mapping[World, Database], service: str) -> None:
        self.worlds = worlds
        self.service = service

    def __getitem__(self, world: World) -> Database:
        try:
            return self.worlds[world]
        except KeyError:
            raise Unavailable(f"the world {world} is not served here") from None

    async def open(self) -> None:
        for database in self.worlds.values():
            await check_ready(database, self.service)
            await database.open()

    async def close(self) -> None:
        for database in self.worlds.values():
            await database.close()


@cache
def expected_revision(service: str) -> str:
    config = Config(str(resources.files("migrations") / "alembic.ini"), ini_section=service)
    head = ScriptDirectory.from_config(config).get_current_head()
    return head or ""


async def check_ready(database: Database, service: str) -> None:
    """Refuse a stale database, and a role that could do what the design forbids the app."""
    async with database.engine.connect() as connection:
        try:
            found = (
                await connection.execute(text("SELECT version_num FROM alembic_version"))
            ).scalar()
        except DBAPIError as error:
            raise StaleDatabaseError(_stale(service, "no schema")) from error
        if found != expected_revision(service):
            raise StaleDatabaseError(_stale(service, str(found)))
        powerful = await connection.execute(
            text(
                "SELECT r.rolsuper OR pg_has_role(current_user, d.datdba, 'MEMBER')"
                " FROM pg_roles r, pg_database d"
                " WHERE r.rolname = current_user AND d.datname = current_database()"
            )
        )
        if powerful.scalar():
            raise StaleDatabaseError(
                f"{service} was given a DSN whose role is the owner or a superuser;"
                f" use the role susa_{service}_app"
            )


def _stale(service: str, found: str) -> str:
    wanted = expected_revision(service)
    return f"the database of {service} is at {found}, not at {wanted}: run `susa migrate {service}`"


async def driver(session: AsyncSession) -> asyncpg.Connection:
    """The asyncpg connection inside a session's transaction.

    The dialect begins lazily: the `SELECT` makes the transaction real before raw statements run,
    which would otherwise escape a rollback.
    """
    connection = await session.connection()
    await connection.execute(text("SELECT 1"))
    raw = await connection.get_raw_connection()
    return cast("asyncpg.Connection", raw.driver_connection)
