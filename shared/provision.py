"""Creates what a service's databases need: two roles, a database a world, the schema."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Final
from urllib.parse import unquote, urlsplit, urlunsplit

import asyncpg
from alembic import command
from alembic.config import Config

from shared.auth import World
from shared.database import world_dsn

_ROLES_LOCK: Final = 0x5053


@dataclass(frozen=True, slots=True)
class Target:
    """One service: `owner_dsn` migrates, `app_dsn` serves; both name the live database."""

    service: str
    owner_dsn: str
    app_dsn: str


def role_of(dsn: str) -> tuple[str, str]:
    parts = urlsplit(dsn)
    return unquote(parts.username or ""), unquote(parts.password or "")


def database_of(dsn: str) -> str:
    return urlsplit(dsn).path.lstrip("/")


def alembic_config(service: str, owner_dsn: str) -> Config:
    config = Config(str(resources.files("migrations") / "alembic.ini"), ini_section=service)
    config.attributes["dsn"] = owner_dsn
    return config


async def prepare(admin_dsn: str, target: Target, worlds: Sequence[World]) -> None:
    """Create the roles and databases that are missing; what exists is left as it is."""
    connection = await asyncpg.connect(admin_dsn, timeout=10)
    try:
        # roles are the server's: two at once would fail with "tuple concurrently updated"
        await connection.fetchval("SELECT pg_advisory_lock($1)", _ROLES_LOCK)
        for dsn in (target.owner_dsn, target.app_dsn):
            await _ensure_role(connection, *role_of(dsn))
        for world in worlds:
            await _ensure_database(connection, admin_dsn, target, world)
    finally:
        await connection.close()


async def _ensure_role(connection: asyncpg.Connection, role: str, password: str) -> None:
    """The role with this password; DDL takes no parameters, so the server quotes the words."""
    exists = await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role)
    verb = "ALTER" if exists else "CREATE"
    statement = await connection.fetchval(
        "SELECT format('%s ROLE %I LOGIN NOSUPERUSER PASSWORD %L', $1::text, $2::text, $3::text)",
        verb,
        role,
        password,
    )
    await connection.execute(statement)


async def _ensure_database(
    connection: asyncpg.Connection, admin_dsn: str, target: Target, world: World
) -> None:
    name = database_of(world_dsn(target.owner_dsn, world))
    owner, app = role_of(target.owner_dsn)[0], role_of(target.app_dsn)[0]
    if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
        statement = await connection.fetchval(
            "SELECT format('CREATE DATABASE %I OWNER %I', $1::text, $2::text)", name, owner
        )
        await connection.execute(statement)
    inside = await asyncpg.connect(
        urlunsplit(urlsplit(admin_dsn)._replace(path=f"/{name}")), timeout=10
    )
    defaults = "ALTER DEFAULT PRIVILEGES FOR ROLE %1$I IN SCHEMA public"
    try:
        for template in (
            "REVOKE ALL ON DATABASE %3$I FROM PUBLIC",
            "GRANT CONNECT ON DATABASE %3$I TO %2$I",
            "ALTER SCHEMA public OWNER TO %1$I",
            "GRANT USAGE ON SCHEMA public TO %2$I",
            f"{defaults} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO %2$I",
            f"{defaults} GRANT USAGE ON SEQUENCES TO %2$I",
        ):
            statement = await inside.fetchval(
                "SELECT format($1::text, $2::text, $3::text, $4::text)", template, owner, app, name
            )
            await inside.execute(statement)
    finally:
        await inside.close()


def upgrade(target: Target, worlds: Sequence[World]) -> None:
    """Bring every world's schema to head. Runs its own event loop: not for use inside one."""
    for world in worlds:
        command.upgrade(alembic_config(target.service, world_dsn(target.owner_dsn, world)), "head")
