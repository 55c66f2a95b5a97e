"""The app of parcels."""

from typing import Any

from fastapi import FastAPI

from services.parcels.config import Settings
from services.parcels.routers import ROUTERS
from shared.application import service_app
from shared.clock import Clock
from shared.runtime import Clients, running


def create_app(
    settings: Settings | None = None, *, clients: Clients | None = None, clock: Clock | None = None
) -> FastAPI:
    """The app; settings come from the environment, sisters over HTTP, unless they are given."""
    return service_app(
        "parcels",
        "Susa parcels",
        lambda: running("parcels", settings or Settings(), clients, clock),
        ROUTERS,
    )


def __getattr__(name: str) -> Any:
    if name == "app":  # `uvicorn services.parcels.main:app`
        return create_app()
    raise AttributeError(name)
