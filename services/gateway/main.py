"""The app of gateway: its own FastAPI app behind the front that forwards."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from starlette.types import ASGIApp

from services.gateway.aggregation import routes as aggregation
from services.gateway.clocks import routes as clocks
from services.gateway.config import Settings
from services.gateway.documentation import routes as documentation
from services.gateway.documentation.service import Documents
from services.gateway.forwarding.front import Front
from services.gateway.health import routes as health
from services.gateway.partners import routes as partners
from services.gateway.traffic import routes as traffic
from services.gateway.webhooks import routes as webhooks
from shared import client
from shared.application import service_app
from shared.clock import Clock
from shared.runtime import Clients, Runtime, running

SLICES = (partners, aggregation, clocks, webhooks, documentation, health, traffic)
ROUTERS = tuple(routes.router for routes in SLICES)


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
        async with running("gateway", chosen, calls, clock) as runtime:
            inner.state.documents = Documents(runtime, inner.openapi)
            async with front.opened(runtime, chosen):
                yield runtime

    inner = service_app("gateway", "Susa", opening, ROUTERS, openapi_url=None)
    front = Front(inner, near)
    return front


def __getattr__(name: str) -> Any:
    if name == "app":  # `uvicorn services.gateway.main:app`
        return create_app()
    raise AttributeError(name)
