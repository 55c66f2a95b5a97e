"""One environment for the four services: the section's name says whose database this is."""

import asyncio
import importlib
import os
import pkgutil
from typing import Any, Final

from alembic import context
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from shared.database import sqlalchemy_url

MIGRATION_LOCK: Final = 0x5053_0002


def _metadata(service: str) -> MetaData:
    """The service's metadata, with the models of all its slices loaded."""
    package = importlib.import_module(f"services.{service}")
    for found in pkgutil.walk_packages(package.__path__, f"services.{service}."):
        if found.name.endswith(".models"):
            importlib.import_module(found.name)
    base: MetaData = importlib.import_module(f"services.{service}.base").Base.metadata
    return base


def _include_name(name: str | None, kind: str, _: Any) -> bool:
    """Leave the feed's partitions to `feed_extend()`."""
    return not (kind == "table" and name is not None and name.startswith("feed_p"))


def _run(connection: Connection, metadata: MetaData) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_name=_include_name,
        compare_type=True,
        compare_server_default=False,
    )
    with context.begin_transaction():
        connection.execute(text("SET LOCAL lock_timeout = '10s'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": MIGRATION_LOCK})
        context.run_migrations()


async def _online() -> None:
    config = context.config
    service = config.config_ini_section
    dsn = config.attributes.get("dsn") or os.environ[f"SUSA_{service.upper()}_OWNER_DSN"]
    engine = create_async_engine(sqlalchemy_url(dsn), poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(_run, _metadata(service))
        await connection.commit()
    await engine.dispose()


asyncio.run(_online())
