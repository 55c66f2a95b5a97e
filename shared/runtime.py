"""What a running service holds, opened once by its lifespan and closed in reverse order."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from fastapi import FastAPI

from shared import client, keys, log
from shared.auth import Minter, Verifier, World, service_caller
from shared.clock import Clock, WallClock
from shared.consumer import Readers
from shared.database import Database, Databases, world_dsn
from shared.errors import Unavailable
from shared.feed import FeedSignal
from shared.settings import ServiceSettings

Clients = Mapping[str, httpx.AsyncClient]


@dataclass(slots=True)
class Runtime:
    service: str
    settings: ServiceSettings
    databases: Databases
    minter: Minter
    verifier: Verifier
    clients: Clients
    clock: Clock
    feed_signals: dict[str, FeedSignal] = field(default_factory=dict)
    readers: Readers = field(default_factory=dict)
    caches: dict[World, Any] = field(default_factory=dict)

    def sister(self, service: str, world: World) -> client.Sister:
        """A sister, asked as this service."""
        if service not in self.clients:
            raise Unavailable(f"no address of {service} is set: SUSA_{service.upper()}_URL")
        return client.Sister(
            self.clients[service], self.minter, service_caller(self.service, world)
        )

    def install(self, app: FastAPI) -> None:
        """Put the parts where the dependencies find them."""
        app.state.runtime = self
        app.state.databases = self.databases
        app.state.verifier = self.verifier
        app.state.feed_signals = self.feed_signals


def make_databases(service: str, settings: ServiceSettings) -> Databases:
    """The databases of a service as its settings say; nothing is connected yet."""
    return Databases(
        {
            world: Database(
                world_dsn(settings.dsn, world),
                application=f"susa-{service}",
                pool_size=settings.pool_sizes(world)[0],
                hot_size=settings.pool_sizes(world)[1],
                info={"settings": settings, "world": world},
            )
            for world in settings.worlds
        },
        service,
    )


@asynccontextmanager
async def running(
    service: str,
    settings: ServiceSettings,
    clients: Clients | None = None,
    clock: Clock | None = None,
) -> AsyncIterator[Runtime]:
    """Open everything a service holds. `clients` given: sisters in this process; else over HTTP."""
    log.configure(service, level=settings.log_level)
    async with AsyncExitStack() as stack:
        reached: dict[str, httpx.AsyncClient] = dict(clients or {})
        for sister, url in settings.sister_urls().items():
            if sister not in reached:
                reached[sister] = await stack.enter_async_context(client.over_http(url))
        databases = make_databases(service, settings)
        stack.push_async_callback(databases.close)
        await databases.open()
        minter, verifier = await stack.enter_async_context(keys.followed(settings.keys, service))
        runtime = Runtime(
            service=service,
            settings=settings,
            databases=databases,
            minter=minter,
            verifier=verifier,
            clients=reached,
            clock=clock or WallClock(),
        )
        try:
            yield runtime
        finally:
            for signal in runtime.feed_signals.values():
                await signal.close()
