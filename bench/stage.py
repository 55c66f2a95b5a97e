"""What is measured runs as users run it: real processes, embedded PostgreSQL with fsync on."""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from services import accounts, demo, installation
from services.installation import Home
from services.topology import settings as all_settings
from shared.embedded import EmbeddedPostgres, destroy


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
    return port


@dataclass
class Stage:
    """A migrated, seeded installation; processes are started against it by the measurements."""

    home: Home
    server: EmbeddedPostgres
    environment: Mapping[str, str]
    shop: str
    clerk: str
    office: str = "KZ00007"
    children: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def spawn(
        self, *arguments: str, env: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        child = subprocess.Popen(
            [sys.executable, *arguments], env={**os.environ, **self.environment, **(env or {})}
        )
        self.children.append(child)
        return child

    @contextmanager
    def running(self, *commands_: tuple[str, ...], ports: Mapping[int, str]) -> Iterator[None]:
        """`susa` processes for the length of a measurement; waits until their ports answer."""
        started = [self.spawn("-m", "services.cli", *arguments) for arguments in commands_]
        try:
            for port, path in ports.items():
                wait_for(port, path)
            yield
        finally:
            for child in started:
                child.terminate()
            for child in started:
                with suppress(subprocess.TimeoutExpired):
                    child.wait(20)
                child.kill()

    def dsn(self, service: str) -> str:
        return self.environment[f"SUSA_{service.upper()}_DSN"]

    def admin(self, database: str) -> str:
        return self.server.dsn(database)


def wait_for(port: int, path: str = "/livez", patience_s: float = 40) -> None:
    until = time.monotonic() + patience_s
    while time.monotonic() < until:
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2):
            return
        time.sleep(0.1)
    raise RuntimeError(f"nothing answers on port {port}")


async def _replicate(made: Stage) -> None:
    """Let parcels' replica of the offices fill before anything is measured."""
    with made.running(("work", "all"), ports={}):
        connection = await asyncpg.connect(made.admin("susa_parcels"))
        for _ in range(300):
            if await connection.fetchval("SELECT count(*) FROM office WHERE active") > 300:
                break
            await asyncio.sleep(0.1)
        await connection.close()


@contextmanager
def stage() -> Iterator[Stage]:
    """An installation of its own; a second one may be beside it."""
    before = dict(os.environ)
    for name in before:
        if name.startswith("SUSA_"):
            del os.environ[name]
    folder = Path(tempfile.mkdtemp(prefix="susa-bench-"))
    os.environ["SUSA_HOME"] = str(folder)
    place = installation.home()
    try:
        with place.embedded() as server:
            list(installation.migrate(place, admin=server.dsn()))
            environment = {
                **installation.environment(place, server.dsn()),
                **{
                    f"SUSA_{s}_WORLDS": '["live"]'
                    for s in ("OFFICES", "PARCELS", "COMPLAINTS", "GATEWAY")
                },
                # everything is counted, and nobody is refused
                "SUSA_GATEWAY_LIMIT_FACTOR": "100000",
            }
            os.environ.update(environment)
            assert all_settings()
            asyncio.run(demo.seed())
            keys = asyncio.run(accounts.year_credentials(place))
            made = Stage(place, server, environment, keys["shops"][0], keys["clerks"][0])
            try:
                asyncio.run(_replicate(made))
                yield made
            finally:
                for child in made.children:
                    child.kill()
    finally:
        os.environ.clear()
        os.environ.update(before)
        destroy(place.postgres)
        shutil.rmtree(folder, ignore_errors=True)
