"""Backup and restore of an installation: the whole server, or one service's database alone.

A restored database's feed gets another epoch, so that consumers notice (shared/restored.py).
"""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from services import installation
from services.errors import CommandError
from services.installation import Home
from shared import provision, restored
from shared.auth import SERVICES, World
from shared.database import world_dsn
from shared.embedded import EmbeddedError, EmbeddedPostgres, backup, destroy
from shared.embedded.account import environment
from shared.embedded.backup import Base
from shared.embedded.binaries import installed
from shared.provision import Target, database_of
from shared.restored import Known

SECRETS: Final = "susa"
PROGRAM_TIMEOUT_S: Final = 6 * 3600
_ADVICE: Final = (
    "the server is one of your own (SUSA_ADMIN_DSN): back it up and restore it with its own means,"
    " then say `susa restored SERVICE` of each database that you put back"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """`until` None: as late as the archive goes. `only`: one service, all its worlds."""

    folder: Path
    until: datetime | None
    only: str | None


def folder_of(given: Path | None) -> Path:
    if given is None and (named := os.environ.get("SUSA_BACKUPS")):
        given = Path(named)
    if given is None:
        raise CommandError("name a folder with --to or --from, or set SUSA_BACKUPS")
    return given.absolute()


def take(place: Home, folder: Path, keep: int | None) -> dict[str, Any]:
    """A base backup of the running server, with what the home keeps beside the databases."""
    _embedded_only()
    base = backup.take(place.postgres, folder)
    _copy_secrets(place, base)
    gone = [] if keep is None else backup.prune(place.postgres, folder, keep)
    archived = os.environ.get("SUSA_BACKUPS") is not None
    return {
        "base": str(base.folder),
        "at": base.ended_at.isoformat(),
        "archiving": archived,
        "deleted": [old.name for old in gone],
    }


def _embedded_only() -> None:
    if installation.external() is not None:
        raise CommandError(_ADVICE)


def _copy_secrets(place: Home, base: Base) -> None:
    """Keys, the pepper of API keys and the roles' passwords: without them, data are of no use."""
    target = base.folder / SECRETS
    target.mkdir(mode=0o700)
    if place.keys.is_dir():
        shutil.copytree(place.keys, target / "keys")
    for name in ("passwords.json", "credentials.json"):
        if (place.path / name).exists():
            shutil.copy2(place.path / name, target / name)


def _put_secrets_back(place: Home, base: Base) -> list[str]:
    """Only those that are missing: keys that were rotated since stay as they are."""
    source = base.folder / SECRETS
    found = [path for path in sorted(source.rglob("*")) if path.is_file()]
    missing = []
    for path in found:
        name = path.relative_to(source)
        target = place.keys / name.name if name.parts[0] == "keys" else place.path / name
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            shutil.copy2(path, target)
            missing.append(str(name))
    return missing


async def restore(place: Home, asked: Asked) -> dict[str, Any]:
    _embedded_only()
    base = backup.choose(asked.folder, asked.until)
    if asked.only is not None:
        return await _restore_one(place, asked, base, asked.only)
    return await _restore_all(place, asked, base)


async def _restore_all(place: Home, asked: Asked, base: Base) -> dict[str, Any]:
    """Everything; nothing of Susa may run. What was there is kept beside the data."""
    with _reached(asked.until), backup.or_as_it_was(place.postgres) as kept:
        before = backup.put_back(place.postgres, asked.folder, base, asked.until)
        kept.extend([before] if before else [])
        server = place.embedded()
        server.start()
    with server:
        secrets = _put_secrets_back(place, base)
        backup.arrived(place.postgres)
        epochs = await _renew_all(server.dsn())
    return {
        "base": base.name,
        "until": asked.until.isoformat() if asked.until else None,
        "kept": str(before) if before else None,
        "secrets": secrets,
        "epochs": epochs,
    }


@contextmanager
def _reached(until: datetime | None) -> Iterator[None]:
    """What PostgreSQL says of a time that the archive does not reach, in our words."""
    try:
        yield
    except EmbeddedError as error:
        if "recovery ended before configured recovery target" not in error.message:
            raise
        raise CommandError(
            f"the archive does not reach {until}: name an earlier time, or leave --at out for as "
            "late as it goes. Everything is as it was"
        ) from error


async def _renew_all(admin: str) -> dict[str, str]:
    """All databases are of one moment: each consumer's cursor fits its producer's feed."""
    epochs = {}
    for name in await _databases(admin):
        connection = await asyncpg.connect(_at(admin, name), timeout=10)
        try:
            epochs[name] = await restored.renew(connection)
        finally:
            await connection.close()
    return epochs


async def _databases(admin: str) -> list[str]:
    """The services' databases that are there, of every world."""
    wanted = [f"susa_{s}{w}" for s in SERVICES for w in ("", "_test")]
    connection = await asyncpg.connect(admin, timeout=10)
    try:
        found = await connection.fetch(
            "SELECT datname FROM pg_database WHERE datname = ANY($1) ORDER BY datname", wanted
        )
    finally:
        await connection.close()
    return [row["datname"] for row in found]


def _at(dsn: str, database: str) -> str:
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{database}"))


async def _restore_one(place: Home, asked: Asked, base: Base, service: str) -> dict[str, Any]:
    """One service, out of a second server that is brought to the moment; the others stay."""
    admin = installation.admin_dsn(place)
    target = installation.targets(place, admin, [service])[0]
    stamp = datetime.now(UTC).strftime("%Y%m%dt%H%M%S")
    with _second_server(place, asked, base) as second:
        found = [
            await _swap_in(admin, second.dsn(), target, world, stamp)
            for world in installation.worlds()
        ]
    return {"base": base.name, "service": service, "databases": found}


@contextmanager
def _second_server(place: Home, asked: Asked, base: Base) -> Iterator[EmbeddedPostgres]:
    """Beside the home's own; it archives nothing, for it is on a branch that ends here."""
    home = place.path / "restoring"
    destroy(home)
    backup.put_back(home, asked.folder, base, asked.until)
    try:
        server = EmbeddedPostgres(home, settings={"archive_mode": "off"})
        with _reached(asked.until):
            server.start()
        with server:
            backup.arrived(home)
            yield server
    finally:
        destroy(home)


async def _swap_in(
    admin: str, second: str, target: Target, world: World, stamp: str
) -> dict[str, Any]:
    """Load a copy beside the database, renew its epoch, then exchange their names."""
    name = database_of(world_dsn(target.owner_dsn, world))
    draft, kept = f"{name}_restored_{stamp}", f"{name}_before_{stamp}"
    aside = Target(target.service, _at(target.owner_dsn, draft), _at(target.app_dsn, draft))
    await provision.prepare(admin, aside, ["live"])
    _transfer(_at(second, name), _at(admin, draft))
    replaced = await _lineage(_at(admin, name))
    connection = await asyncpg.connect(_at(admin, draft), timeout=10)
    try:
        epoch = await restored.renew(connection, replaced)
    finally:
        await connection.close()
    await _exchange(admin, (name, kept), (draft, name))
    return {"database": name, "kept": kept, "epoch": epoch}


def _transfer(source: str, target: str) -> None:
    """pg_dump into pg_restore, nothing on the disk between them."""
    programs = installed()
    dump = [str(programs.program("pg_dump")), "--format=custom", "--compress=0"]
    load = [str(programs.program("pg_restore")), "--exit-on-error", "--single-transaction"]
    asked, loaded = bare(source), bare(target)
    with subprocess.Popen(  # noqa: S603 - our own program, our own address
        [*dump, asked.dsn], env=asked.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as out:
        done = subprocess.run(  # noqa: S603 - the same
            [*load, f"--dbname={loaded.dsn}"],
            env=loaded.environment,
            stdin=out.stdout,
            capture_output=True,
            text=True,
            timeout=PROGRAM_TIMEOUT_S,
            check=False,
        )
        if out.stdout is not None:
            out.stdout.close()  # else it would wait on us for a reader that is gone
        _, words = out.communicate(timeout=60)
    if out.returncode or done.returncode:
        raise CommandError(f"the copy failed: {words.decode()[-1000:]} {done.stderr[-1000:]}")


class Bare(NamedTuple):
    """An address without its password, which the list of processes would show to everyone."""

    dsn: str
    environment: dict[str, str]


def bare(dsn: str) -> Bare:
    parts = urlsplit(dsn)
    user, password = provision.role_of(dsn)
    netloc = f"{user}@{parts.netloc.rpartition('@')[2]}"
    named = urlunsplit(parts._replace(netloc=netloc))
    return Bare(named, environment() | {"PGPASSWORD": password})


async def _lineage(dsn: str) -> Known | None:
    """Of the database that is replaced; None where it is lost."""
    try:
        connection = await asyncpg.connect(dsn, timeout=10)
    except asyncpg.InvalidCatalogNameError:
        return None
    try:
        return await restored.read_lineage(connection)
    except asyncpg.UndefinedTableError:
        return None
    finally:
        await connection.close()


async def _exchange(admin: str, *renames: tuple[str, str]) -> None:
    """Nobody may be connected to a database that gets another name; sessions are ended."""
    connection = await asyncpg.connect(admin, timeout=10)
    try:
        for old, new in renames:
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", old):
                continue
            await connection.execute(f"ALTER DATABASE {old} WITH ALLOW_CONNECTIONS false")
            await connection.execute(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = $1",
                old,
            )
            await connection.execute(f"ALTER DATABASE {old} RENAME TO {new}")
            await connection.execute(f"ALTER DATABASE {new} WITH ALLOW_CONNECTIONS true")
    finally:
        await connection.close()


async def mark_restored(place: Home, services: Sequence[str]) -> dict[str, str]:
    """Renew the epochs of databases that were put back by other means."""
    epochs = {}
    for target in installation.targets(place, installation.admin_dsn(place), services):
        for world in installation.worlds():
            dsn = world_dsn(target.owner_dsn, world)
            connection = await asyncpg.connect(dsn, timeout=10)
            try:
                epochs[database_of(dsn)] = await restored.renew(connection)
            finally:
                await connection.close()
    return epochs
