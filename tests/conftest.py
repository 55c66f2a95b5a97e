"""One PostgreSQL for the run; every database a test gets is a copy of a migrated template."""

import asyncio
import gc
import importlib
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from shared import provision
from shared.auth import SERVICES, Caller, Minter, World, ensure_keys, read_private
from shared.clock import FrozenClock
from shared.database import world_dsn
from shared.embedded import temporary
from shared.outbox import Relay
from shared.provision import Target

# how long an example takes says how busy the machine is, not whether the code is right
settings.register_profile("susa", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("susa")
START = datetime(2019, 3, 21, 8, 0, tzinfo=UTC)  # the first of Farvardin 1398, noon in Tehran
MEMORY_BYTES = 6 << 30


def pytest_configure() -> None:
    """Files in memory if there is some: a thousand databases are copied ten times as fast."""
    memory = Path("/dev/shm")  # noqa: S108 - the system's, not a name of ours in it
    if "TMPDIR" in os.environ or not memory.is_dir():
        return
    if shutil.disk_usage(memory).free > MEMORY_BYTES:
        os.environ["TMPDIR"] = str(memory)
        tempfile.tempdir = None


class Sharing(LoadScopeScheduling):  # type: ignore[misc]  # it comes without types
    """What shares an installation runs in one process, which makes it once; and begins first."""

    def _split_scope(self, nodeid: str) -> str:
        file, _, test = nodeid.partition("::")
        folder = Path(file).parent.name
        if folder == "pages":
            return folder
        if folder == "e2e":
            topology = re.search(r"(one_process|separate)\]$", test)
            return topology[1] if topology else file
        return nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Sharing:
    return Sharing(config, log)


def pytest_collection_finish() -> None:
    """Modules and tests stay: a full collection would stop a test for a second to look at them."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def admin_dsn() -> Iterator[str]:
    """A superuser's DSN: SUSA_TEST_ADMIN_DSN, or a throw-away embedded server."""
    if given := os.environ.get("SUSA_TEST_ADMIN_DSN"):
        yield given
        return
    with temporary({"max_connections": "300"}) as server:
        yield server.dsn()


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    ensure_keys(folder)
    return folder


def target(admin_dsn: str, service: str, database: str) -> Target:
    host = admin_dsn.rpartition("@")[2].partition("/")[0]
    return Target(
        service,
        f"postgresql://susa_{service}_owner:owner@{host}/{database}",
        f"postgresql://susa_{service}_app:app@{host}/{database}",
    )


class Templates:
    """A migrated template database a service, made once; copies are cheap."""

    def __init__(self, admin_dsn: str) -> None:
        self._admin_dsn = admin_dsn
        self._tag = secrets.token_hex(3)
        self._made: dict[str, Target] = {}
        self._copies: list[str] = []

    def of(self, service: str) -> Target:
        if service not in self._made:
            made = target(self._admin_dsn, service, f"tpl_{self._tag}_{service}")
            asyncio.run(provision.prepare(self._admin_dsn, made, ["live"]))
            provision.upgrade(made, ["live"])
            self._made[service] = made
        return self._made[service]

    async def copy(self, service: str, worlds: Sequence[World] = ("live",)) -> Target:
        """One database a world."""
        template = provision.database_of(self._made[service].owner_dsn)
        made = target(self._admin_dsn, service, f"t_{self._tag}_{secrets.token_hex(5)}")
        owner = provision.role_of(made.owner_dsn)[0]
        admin = await asyncpg.connect(self._admin_dsn)
        try:
            for world in worlds:
                name = provision.database_of(world_dsn(made.owner_dsn, world))
                await admin.execute(
                    f"CREATE DATABASE {name} TEMPLATE {template} OWNER {owner} STRATEGY file_copy"
                )
                await admin.execute(
                    f"GRANT CONNECT ON DATABASE {name} TO {provision.role_of(made.app_dsn)[0]}"
                )
                self._copies.append(name)
        finally:
            await admin.close()
        return made

    async def drop(self, names: Iterable[str]) -> None:
        admin = await asyncpg.connect(self._admin_dsn)
        for name in names:
            await admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await admin.close()

    async def drop_copies(self, made: Iterable[Target]) -> None:
        """Those that a test is done with: thousands of them would fill the memory."""
        owned = [provision.database_of(one.owner_dsn) for one in made]
        names = [name for name in self._copies if name.removesuffix("_test") in owned]
        await self.drop(names)
        self._copies = [name for name in self._copies if name not in names]

    def drop_all(self) -> None:
        names = [provision.database_of(made.owner_dsn) for made in self._made.values()]
        asyncio.run(self.drop([*self._copies, *names]))


@pytest.fixture(scope="session")
def templates(admin_dsn: str) -> Iterator[Templates]:
    made = Templates(admin_dsn)
    for service in SERVICES:
        made.of(service)
    yield made
    if "SUSA_TEST_ADMIN_DSN" in os.environ:  # a throw-away server takes its databases along
        made.drop_all()


@dataclass
class Api:
    """One running service: its app, a client of it, and tokens for whoever should ask.

    `outer` is what is served: the app itself, or the gateway's front around it.
    """

    app: FastAPI
    client: httpx.AsyncClient
    target: Target
    keys: Path
    clock: FrozenClock
    outer: Any

    def headers(
        self,
        *scopes: str,
        sub: str = "00000000-0000-7000-8000-000000000001",
        kind: str = "shop",
        world: World = "live",
        office: str | None = None,
    ) -> dict[str, str]:
        minter = Minter("gateway", read_private(self.keys / "gateway.jwk"))
        caller = Caller(sub, kind, frozenset(scopes), world, office)
        return {"Authorization": f"Bearer {minter.token(caller)}"}

    @property
    def database(self) -> Any:
        return self.app.state.runtime.databases["live"]

    async def publish(self) -> int:
        """Relay what the outbox holds into the feed, now."""
        moved = 0
        async with self.database.hot.acquire() as connection:
            while n := await Relay(self.database).move(connection):
                moved += n
        return moved

    async def events(self, *types: str) -> list[dict[str, Any]]:
        """Everything in the feed after publishing, of these types."""
        await self.publish()
        minter = Minter("gateway", read_private(self.keys / "gateway.jwk"))
        token = minter.token(Caller("gateway", "service", frozenset({"internal"})))
        params: dict[str, Any] = {"after": 0, "limit": 1000, "consumer": "test"}
        if types:
            params["types"] = ",".join(types)
        headers = {"Authorization": f"Bearer {token}"}
        events: list[dict[str, Any]] = []
        head = 1
        while params["after"] < head:
            answer = await self.client.get("/internal/feed", params=params, headers=headers)
            page = answer.json()
            events += page["events"]
            params["after"], head = page["upto"], page["head"]
        return events


Serve = Callable[..., Any]


@pytest.fixture
async def serve(templates: Templates, keys: Path) -> AsyncIterator[Serve]:
    """Runs a service's app on a fresh database, as in `api = await serve("offices")`."""
    used: list[Target] = []
    async with AsyncExitStack() as stack:

        @asynccontextmanager
        async def running(app: FastAPI) -> AsyncIterator[None]:
            async with app.router.lifespan_context(app):
                yield

        async def start(service: str, **options: Any) -> Api:
            worlds = options.pop("worlds", ["live"])
            made = await templates.copy(service, worlds)
            used.append(made)
            config = importlib.import_module(f"services.{service}.config")
            main = importlib.import_module(f"services.{service}.main")
            extra = options.pop("settings", {})
            chosen = config.Settings(dsn=made.app_dsn, worlds=worlds, SUSA_KEYS=keys, **extra)
            clock = options.pop("clock", None) or FrozenClock(START)
            outer = main.create_app(chosen, clock=clock, **options)
            app = getattr(outer, "inner", outer)
            await stack.enter_async_context(running(app))
            client = await stack.enter_async_context(
                httpx.AsyncClient(
                    transport=httpx.ASGITransport(app=app, raise_app_exceptions=False),
                    base_url="http://test",
                )
            )
            return Api(app, client, made, keys, clock, outer)

        yield start
    await templates.drop_copies(used)
