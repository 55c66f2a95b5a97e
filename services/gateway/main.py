"""The app of gateway."""

from typing import Any

from fastapi import FastAPI

from services.gateway.config import Settings
from services.gateway.webhooks import routes as webhooks
from shared.application import service_app
from shared.clock import Clock
from shared.runtime import Clients, running

ROUTERS = (webhooks.router,)


def create_app(
    settings: Settings | None = None, *, clients: Clients | None = None, clock: Clock | None = None
) -> FastAPI:
    """The app; settings come from the environment, sisters over HTTP, unless they are given."""
    return service_app(
        "gateway",
        "Susa gateway",
        lambda: running("gateway", settings or Settings(), clients, clock),
        ROUTERS,
    )


def __getattr__(name: str) -> Any:
    if name == "app":  # `uvicorn services.gateway.main:app`
        return create_app()
    raise AttributeError(name)
