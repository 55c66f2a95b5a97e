"""The app of gateway: its own FastAPI app behind the front that forwards."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from starlette.types import ASGIApp

from services.gateway import people
from services.gateway.config import Settings
from services.gateway.forwarding.errors import SisterUnavailable, on_sister_unavailable
from services.gateway.forwarding.front import Front
from services.gateway.routers import ROUTERS
from shared import client
from shared.application import service_app
from shared.clock import Clock
from shared.runtime import Clients, Runtime, running


def create_app(
    settings: Settings | None = None,
    *,
    clients: Clients | None = None,
    clock: Clock | None = None,
    sisters: Mapping[str, ASGIApp] | None = None,
) -> Front:
    """The gateway; settings come from the environment unless given.

    `sisters` are apps in this process, whose lifespans their owner enters; others are over HTTP.
    """
    near = sisters or {}
    calls = {**{name: client.in_process(app) for name, app in near.items()}, **(clients or {})}

    @asynccontextmanager
    async def opening() -> AsyncIterator[Runtime]:
        chosen = settings or Settings()
        async with AsyncExitStack() as stack:
            runtime = await stack.enter_async_context(running("gateway", chosen, calls, clock))
            inner.state.people = await stack.enter_async_context(people.opened(runtime, chosen))
            await stack.enter_async_context(front.opened(runtime, chosen))
            yield runtime

    inner = service_app("gateway", "Susa", opening, ROUTERS)
    inner.add_exception_handler(SisterUnavailable, on_sister_unavailable)
    front = Front(inner, near)
    return front


__all__ = ["ROUTERS", "create_app"]


def __getattr__(name: str) -> Any:
    if name == "app":  # `uvicorn services.gateway.main:app`
        return create_app()
    raise AttributeError(name)
