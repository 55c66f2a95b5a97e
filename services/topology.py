"""The four services in one process: the gateway calls its sisters as ASGI apps, without a socket.

The gateway enters the sisters' lifespans itself; a mounted app's lifespan does not run.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from services.complaints import config as complaints_config
from services.complaints import main as complaints
from services.complaints import worker as complaints_worker
from services.gateway import config as gateway_config
from services.gateway import main as gateway
from services.gateway import worker as gateway_worker
from services.gateway.forwarding.front import Front
from services.offices import config as offices_config
from services.offices import main as offices
from services.offices import worker as offices_worker
from services.parcels import config as parcels_config
from services.parcels import main as parcels
from services.parcels import worker as parcels_worker
from shared import client, work
from shared.clock import Clock
from shared.runtime import Runtime
from shared.settings import ServiceSettings

JOBS = {
    "offices": offices_worker.jobs,
    "parcels": parcels_worker.jobs,
    "complaints": complaints_worker.jobs,
    "gateway": gateway_worker.jobs,
}


def settings() -> list[ServiceSettings]:
    """The settings of all four, from the environment."""
    return [
        offices_config.Settings(),
        parcels_config.Settings(),
        complaints_config.Settings(),
        gateway_config.Settings(),
    ]


def service_of(chosen: ServiceSettings) -> str:
    """The service that a settings object belongs to: `services.<service>.config`."""
    return type(chosen).__module__.split(".")[1]


class Whole:
    """All four apps, wired to each other; served through the gateway's front."""

    def __init__(self, settings: dict[str, Any] | None = None, clock: Clock | None = None) -> None:
        given = settings or {}
        clients: dict[str, httpx.AsyncClient] = {}
        self.sisters: dict[str, FastAPI] = {
            "offices": offices.create_app(given.get("offices"), clients=clients, clock=clock),
            "parcels": parcels.create_app(given.get("parcels"), clients=clients, clock=clock),
            "complaints": complaints.create_app(
                given.get("complaints"), clients=clients, clock=clock
            ),
        }
        self.front = gateway.create_app(
            given.get("gateway"), sisters=self.sisters, clients=clients, clock=clock
        )
        for name, app in {**self.sisters, "gateway": self.front.inner}.items():
            clients[name] = client.in_process(app)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[dict[str, Runtime]]:
        """Enter every lifespan, sisters first; yields the runtimes by service."""
        apps = {**self.sisters, "gateway": self.front.inner}
        async with AsyncExitStack() as stack:
            for app in apps.values():
                await stack.enter_async_context(app.router.lifespan_context(app))
            yield {name: app.state.runtime for name, app in apps.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(self.opened, receive, send)
        else:
            await self.front(scope, receive, send)


async def _lifespan(opened: Any, receive: Receive, send: Send) -> None:
    """The ASGI lifespan protocol around a context manager."""
    await receive()
    stage = "startup"
    try:
        async with opened():
            await send({"type": "lifespan.startup.complete"})
            stage = "shutdown"
            await receive()
    except Exception as error:
        await send({"type": f"lifespan.{stage}.failed", "message": str(error)})
        raise
    await send({"type": "lifespan.shutdown.complete"})


def served(service: str) -> Whole | Front | FastAPI:
    """What `susa serve` serves: one service, or `all` in this process."""
    match service:
        case "all":
            return Whole()
        case "offices":
            return offices.create_app()
        case "parcels":
            return parcels.create_app()
        case "complaints":
            return complaints.create_app()
        case _:
            return gateway.create_app()


async def work_on(service: str) -> None:
    """The background jobs of one service over HTTP, or of all in this process; until cancelled."""
    if service == "all":
        async with Whole().opened() as runtimes:
            everything = [JOBS[name](runtime) for name, runtime in runtimes.items()]
            await work.run_all(everything)
        return
    app = served(service)
    inner = app.inner if isinstance(app, Front) else app
    assert isinstance(inner, FastAPI)  # noqa: S101 - `all` was handled above
    async with inner.router.lifespan_context(inner):
        await work.run_all([JOBS[service](inner.state.runtime)])
