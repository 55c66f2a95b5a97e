"""Susa over HTTP on a durable PostgreSQL of its own, which `susa db` keeps running."""

import asyncio
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from unittest.mock import patch

import asyncpg

from services import accounts, demo
from shared import provision
from shared.auth import SERVICES
from shared.embedded import EmbeddedError, destroy, running_dsn
from tests.conftest import target
from tests.e2e.environment import ALL_SCOPES, Environment, parts_of, settings_for
from tests.e2e.processes import Part, environment, stop_all, wait_ready

POSTGRES_S_MAX: Final = 300
DURABLE: Final = ("fsync", "full_page_writes", "synchronous_commit")


@dataclass
class Installation(Environment):
    """`db`: the process that keeps PostgreSQL running; `postgres`: PostgreSQL's home."""

    db: Part | None = None
    postgres: Path = Path()


@contextmanager
def installed(folder: Path) -> Iterator[Installation]:
    """Eight processes that serve, a manager's account, the seeded province."""
    postgres = folder / "postgres"
    db = Part("db", environment(SUSA_HOME=str(folder)), folder / "db.log")
    parts: list[Part] = []
    try:
        db.start()
        admin = _dsn_when_ready(db, postgres)
        targets = {service: target(admin, service, f"susa_{service}") for service in SERVICES}
        for made in targets.values():
            asyncio.run(provision.prepare(admin, made, ["live"]))
            provision.upgrade(made, ["live"])
        settings = settings_for(targets, folder)
        parts = parts_of("separate", settings, folder)
        for part in parts:
            part.start()
        with patch.dict(os.environ, settings):
            manager = asyncio.run(accounts.create("staff", "مدیر استان", ALL_SCOPES))
            asyncio.run(demo.seed())
        wait_ready(parts)
        yield Installation("separate", settings, targets, parts, manager.key, db, postgres)
        assert [part.name for part in (*parts, db) if not part.alive()] == []
        stop_all([*parts, db])
    finally:
        for part in (*parts, db):
            if part.alive():
                part.kill()
        destroy(postgres)


def _dsn_when_ready(db: Part, postgres: Path) -> str:
    """A superuser's DSN, once it takes connections."""
    deadline = time.monotonic() + POSTGRES_S_MAX
    while True:
        assert db.alive(), f"susa db ended by itself:\n{db.tail()}"
        with suppress(EmbeddedError, OSError, asyncpg.PostgresError):
            dsn = running_dsn(postgres)
            if dsn is not None and (found := asyncio.run(_settings(dsn))):
                assert found == ["on"] * len(DURABLE), "it may lose what it acknowledged"
                return dsn
        assert time.monotonic() < deadline, f"PostgreSQL does not answer:\n{db.tail()}"
        time.sleep(0.1)


async def _settings(dsn: str) -> list[str]:
    connection = await asyncpg.connect(dsn, timeout=180)
    try:
        return [await connection.fetchval(f"SHOW {name}") for name in DURABLE]
    finally:
        await connection.close()
