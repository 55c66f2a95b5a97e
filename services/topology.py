"""The four services in one process: the gateway calls its sisters as ASGI apps, without a socket.

The gateway enters the sisters' lifespans itself; a mounted app's lifespan does not run.
"""

import gc
import importlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from shared import client, work
from shared.auth import SERVICES
from shared.clock import Clock
from shared.consumer import Readers
from shared.entry import Entry
from shared.runtime import Runtime, running
from shared.settings import ServiceSettings

GATEWAY = "gateway"
SISTERS = tuple(name for name in SERVICES if name != GATEWAY)


def _of(service: str, module: str) -> Any:
    """A service's `main`, `config` or `worker`: a process imports what it serves, no more.

    Nothing is collected meanwhile: what is made stays, and looking at it is a quarter of a start.
    """
    gc.disable()
    try:
        return importlib.import_module(f"services.{service}.{module}")
    finally:
        gc.enable()


def settings() -> list[ServiceSettings]:
    """The settings of all four, from the environment."""
    return [_of(service, "config").Settings() for service in SERVICES]


def service_of(chosen: ServiceSettings) -> str:
    """The service that a settings object belongs to: `services.<service>.config`."""
    return type(chosen).__module__.split(".")[1]


class Whole:
    """All four apps, wired to each other; served through the gateway's front."""

    def __init__(self, settings: dict[str, Any] | None = None, clock: Clock | None = None) -> None:
        given = settings or {}
        clients: dict[str, httpx.AsyncClient] = {}
        self.sisters: dict[str, FastAPI] = {
            name: _of(name, "main").create_app(given.get(name), clients=clients, clock=clock)
            for name in SISTERS
        }
        self.front = _of(GATEWAY, "main").create_app(
            given.get(GATEWAY), sisters=self.sisters, clients=clients, clock=clock
        )
        for name, app in {**self.sisters, GATEWAY: self.front.inner}.items():
            clients[name] = client.in_process(app)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[dict[str, Runtime]]:
        """Enter every lifespan, sisters first; yields the runtimes by service."""
        apps = {**self.sisters, GATEWAY: self.front.inner}
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


def served(service: str) -> ASGIApp:
    """What `susa serve` serves: one service, or `all` in this process."""
    if service == "all":
        return Whole()
    app: ASGIApp = _of(service, "main").create_app()
    return app if service == GATEWAY else Entry(app)


def jobs_of(runtime: Runtime) -> work.Work:
    """The background jobs of a service, not running."""
    found: work.Work = _of(runtime.service, "worker").jobs(runtime)
    return found


async def work_on(service: str) -> None:
    """The background jobs of one service over HTTP, or of all in this process; until cancelled."""
    async with AsyncExitStack() as stack:
        if service == "all":
            runtimes = await stack.enter_async_context(Whole().opened())
        else:
            chosen = _of(service, "config").Settings()
            runtimes = {service: await stack.enter_async_context(running(service, chosen))}
        readers: Readers = {}
        for one in runtimes.values():
            one.readers = readers  # the feed of one is read and parsed once for all of them
        gc.freeze()  # as servers do: what stands by now stays
        await work.run_all([jobs_of(one) for one in runtimes.values()])
