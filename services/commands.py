"""What the commands do; `cli.py` parses and prints. Imports are late as there."""

import asyncio
import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NoReturn

import asyncpg
import httpx
from rich.console import Console

from services import installation, topology
from services.errors import CommandError
from services.installation import Home
from services.supervisor import Part, Supervisor, listen, orphaned
from shared import log, metrics
from shared.auth import SERVICES, WORLDS, World
from shared.database import world_dsn
from shared.embedded.binaries import installed
from shared.settings import ServiceSettings

PORTS: Final = {"gateway": 8000, "all": 8000, "offices": 8001, "parcels": 8002, "complaints": 8003}
SPARE_CONNECTIONS: Final = 20
"""For relays (one a service and world), the superuser and an operator's psql."""


@dataclass(frozen=True, slots=True)
class Up:
    """`year_scale`: seed the province and load the year at 1:scale."""

    host: str
    port: int
    web: int
    year_scale: int | None


def base_url() -> str:
    return f"http://127.0.0.1:{os.environ.get('SUSA_PORT', '8000')}"


def check_services(names: Sequence[str]) -> None:
    if unknown := [name for name in names if name not in SERVICES]:
        raise CommandError(f"no service {unknown[0]}; one of {', '.join(SERVICES)}")


def check_world(name: str) -> World:
    for world in WORLDS:
        if world == name:
            return world
    raise CommandError(f"no world {name}; one of {', '.join(WORLDS)}")


def instant(text: str | None) -> datetime | None:
    """RFC 3339 with an offset: a time of day means nothing without one."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise CommandError(f"{text} is no time as 2019-03-21T08:00:00+03:30")
    return found


@contextmanager
def database_for(place: Home) -> Iterator[str]:
    """A superuser's DSN: of the server that runs, or of the embedded one started for this."""
    with suppress(installation.NotRunningError):
        yield installation.admin_dsn(place)
        return
    with place.embedded() as server:
        yield server.dsn()


def serve(service: str, host: str, port: int | None, fd: int | None) -> None:
    if service != "all":
        check_services([service])
    from services.server import Server, allow_files, configured

    allow_files()
    server = Server(configured(topology.served(service), host, port or PORTS[service], fd))

    async def until_done() -> None:
        watch = asyncio.create_task(orphaned())
        watch.add_done_callback(lambda _: server.handle_exit(signal.SIGTERM, None))
        await server.serve()
        watch.cancel()

    uvicorn_run(until_done())
    if not server.started:
        raise CommandError(f"{service} did not start; the lines above say why")


def uvicorn_run(main: Any) -> None:
    """Run on uvloop; Ctrl-C is an end, not an error."""
    import uvloop

    with suppress(KeyboardInterrupt, asyncio.CancelledError):
        uvloop.run(main)


def work(service: str) -> None:
    if service != "all":
        check_services([service])

    async def until_done() -> None:
        loop = asyncio.get_running_loop()
        jobs = asyncio.create_task(topology.work_on(service))
        watch = asyncio.create_task(orphaned())
        for number in (2, 15):
            loop.add_signal_handler(number, jobs.cancel)
        watch.add_done_callback(lambda _: jobs.cancel())
        try:
            await jobs
        finally:
            watch.cancel()

    uvicorn_run(until_done())


def db(console: Console) -> None:
    place = installation.home()
    with place.embedded() as server:
        console.print(f"PostgreSQL is running, pid {server.pid}; Ctrl-C stops it.")
        with suppress(KeyboardInterrupt):
            asyncio.run(Supervisor([], {}, server).run(_nothing))


async def _nothing() -> None:
    """For a supervisor that has only the database."""


def psql(service: str, world: str, words: Sequence[str]) -> NoReturn:
    """Become psql, as the service's own role: what it may not change, psql may not."""
    from services import backups

    check_services([service])
    installation.adopt_environment(installation.home())
    dsn = os.environ[f"SUSA_{service.upper()}_DSN"]
    asked = backups.bare(world_dsn(dsn, check_world(world)))
    program = str(installed().program("psql"))
    words = [program, asked.dsn, *words]
    os.execve(program, words, {**os.environ, **asked.environment})  # noqa: S606 - our own program


def up(console: Console, asked: Up) -> None:
    log.configure("up")
    place = installation.home()
    try:
        sock = listen(asked.host, asked.port)
    except OSError as error:
        raise CommandError(
            f"port {asked.port} cannot be listened on ({error.strerror}); set SUSA_PORT"
        ) from error
    with installation.database(place) as server:
        admin = installation.external() or (server.dsn() if server else "")
        for name in installation.migrate(place, SERVICES, admin):
            console.print(f"schema of {name} is up to date", highlight=False)
        metrics.start_over(place.metrics)
        environment = {
            **installation.environment(place, admin),
            "SUSA_PORT": str(asked.port),
            "SUSA_WEB_PROCESSES": str(asked.web),
            metrics.FOLDER: str(place.metrics),
        }
        os.environ.update(environment)
        asyncio.run(_check_pools(admin, asked.web + 1))
        descriptor = sock.fileno()
        web = tuple(
            Part(f"web-{n}", ("serve", "all", "--fd", str(descriptor)), (descriptor,))
            for n in range(asked.web)
        )
        parts = [*web, Part("worker", ("work", "all"))]
        url = f"http://{asked.host}:{asked.port}"

        async def started() -> None:
            await _until_ready(url)
            console.print(f"Susa serves on {url}", highlight=False)
            if asked.year_scale is not None:
                from services import demo

                await demo.run(console, place, url, asked.year_scale)

        asyncio.run(Supervisor(parts, environment, server).run(started))
    sock.close()


async def _check_pools(admin: str, processes: int) -> None:
    """Refuse a start that could ask the server for more connections than it has."""
    settings: list[ServiceSettings] = topology.settings()
    wanted = processes * sum(s.pools() for s in settings) + SPARE_CONNECTIONS
    connection = await asyncpg.connect(admin, timeout=10)
    try:
        offered = int(await connection.fetchval("SHOW max_connections"))
    finally:
        await connection.close()
    if wanted > offered:
        raise CommandError(
            f"{processes} processes may open {wanted} connections, the server allows {offered}: "
            "fewer --web, smaller SUSA_<SERVICE>_POOL_SIZE, or a larger max_connections"
        )


async def _until_ready(url: str, patience_s: float = 60) -> None:
    async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
        for _ in range(int(patience_s / 0.2)):
            with suppress(httpx.HTTPError):
                if (await client.get("/livez", timeout=5)).status_code == 200:
                    return
            await asyncio.sleep(0.2)
    raise CommandError(f"nothing answers at {url} after {patience_s:g} s; the lines above say why")
