"""An installation: its home folder, and the environment that its processes are given.

The home (SUSA_HOME, default `.susa`) holds the embedded PostgreSQL, the internal keys and the
database passwords. What the environment already says is kept: DSNs of another server, for example.
"""

import asyncio
import json
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from shared import provision
from shared.auth import SERVICES, WORLDS, World, ensure_keys
from shared.embedded import EmbeddedPostgres, backup, running_dsn
from shared.provision import Target

SERVER_SETTINGS: Final = {"max_connections": "300"}


class NotRunningError(RuntimeError):
    """No database: neither a running embedded one nor DSNs in the environment."""


@dataclass(frozen=True, slots=True)
class Home:
    path: Path

    @property
    def postgres(self) -> Path:
        return self.path / "postgres"

    @property
    def keys(self) -> Path:
        return Path(os.environ.get("SUSA_KEYS", self.path / "keys"))

    @property
    def metrics(self) -> Path:
        """What the processes of a run count; emptied when it starts."""
        return self.path / "metrics"

    @property
    def credentials(self) -> Path:
        """API keys of the seeded accounts (0600)."""
        return self.path / "credentials.json"

    def embedded(self) -> EmbeddedPostgres:
        """Archives its WAL where SUSA_BACKUPS names a folder for it."""
        settings = dict(SERVER_SETTINGS)
        if (backups := os.environ.get("SUSA_BACKUPS")) is not None:
            folder = Path(backups).absolute()
            self.postgres.mkdir(parents=True, exist_ok=True)
            backup.furnish(self.postgres, folder)
            settings |= backup.archiving(folder)
        return EmbeddedPostgres(self.postgres, settings=settings)

    def password(self, role: str) -> str:
        """The role's generated password, the same at every start."""
        path = self.path / "passwords.json"
        known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        if role not in known:
            known[role] = secrets.token_urlsafe(24)
            write_private(path, json.dumps(known))
        return known[role]


def write_private(path: Path, text: str) -> None:
    """Replace a file by one that only its owner may read; whole or not at all."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    draft.touch(mode=0o600)
    draft.write_text(text)
    draft.replace(path)


def home() -> Home:
    path = Path(os.environ.get("SUSA_HOME", ".susa")).absolute()
    path.mkdir(parents=True, exist_ok=True)
    return Home(path)


def external() -> str | None:
    """The superuser's DSN of a server of the operator's own, if that is used."""
    return os.environ.get("SUSA_ADMIN_DSN")


def admin_dsn(place: Home) -> str:
    dsn = external() or running_dsn(place.postgres)
    if dsn is None:
        raise NotRunningError(
            "no database is running: start `susa up` (or `susa db`), or set SUSA_ADMIN_DSN"
        )
    return dsn


def _dsn(place: Home, admin: str, service: str, role: str) -> str:
    """On the same server and with the same options (sslmode) as the superuser's."""
    parts = urlsplit(admin)
    name = f"susa_{service}_{role}"
    host = parts.netloc.rpartition("@")[2]
    netloc = f"{name}:{place.password(name)}@{host}"
    return urlunsplit(parts._replace(netloc=netloc, path=f"/susa_{service}"))


def _role_dsn(place: Home, admin: str | None, service: str, role: str) -> str:
    """The environment's DSN of a service as a role, else one made for the server."""
    name = f"SUSA_{service.upper()}_{'OWNER_DSN' if role == 'owner' else 'DSN'}"
    if (given := os.environ.get(name)) is not None:
        return given
    if admin is None:
        raise NotRunningError(f"set {name}, or start `susa up`")
    return _dsn(place, admin, service, role)


def targets(place: Home, admin: str | None, services: Sequence[str] = SERVICES) -> list[Target]:
    """Owner's and app's DSN of each service: from the environment, else made for the server."""
    return [
        Target(s, _role_dsn(place, admin, s, "owner"), _role_dsn(place, admin, s, "app"))
        for s in services
    ]


def environment(place: Home, admin: str | None) -> dict[str, str]:
    """What a process of this installation needs; never the owner's DSNs."""
    made = {f"SUSA_{s.upper()}_DSN": _role_dsn(place, admin, s, "app") for s in SERVICES}
    audit_file = os.environ.get(
        "SUSA_GATEWAY_AUDIT_FILE", str(place.path / "audit" / "heads.jsonl")
    )
    return {
        **made,
        "SUSA_KEYS": str(place.keys),
        "SUSA_HOME": str(place.path),
        "SUSA_GATEWAY_AUDIT_FILE": audit_file,
    }


def adopt_environment(place: Home) -> None:
    """Give this process the installation's settings, for commands that ask the databases."""
    explicit = all(f"SUSA_{service.upper()}_DSN" in os.environ for service in SERVICES)
    os.environ.update(environment(place, None if explicit else admin_dsn(place)))


def worlds() -> Sequence[World]:
    return WORLDS


def migrate(
    place: Home, services: Sequence[str] = SERVICES, admin: str | None = None
) -> Iterator[str]:
    """Create what is missing and upgrade; yields each service when it is done."""
    ensure_keys(place.keys)
    admin = admin or admin_dsn(place)
    for target in targets(place, admin, services):
        asyncio.run(provision.prepare(admin, target, worlds()))
        provision.upgrade(target, worlds())
        yield target.service


@contextmanager
def database(place: Home) -> Iterator[EmbeddedPostgres | None]:
    """The embedded server for as long as it is needed, or nothing where the operator has one."""
    if external() is not None:
        yield None
        return
    with place.embedded() as server:
        yield server
