"""The app of offices."""

from typing import Any

from fastapi import FastAPI

from services.offices.config import Settings
from services.offices.routers import ROUTERS
from shared.application import service_app
from shared.clock import Clock
from shared.runtime import Clients, running


def create_app(
    settings: Settings | None = None, *, clients: Clients | None = None, clock: Clock | None = None
) -> FastAPI:
    """The app; settings come from the environment, sisters over HTTP, unless they are given."""
    return service_app(
        "offices",
        "Susa offices",
        lambda: running("offices", settings or Settings(), clients, clock),
        ROUTERS,
    )


def __getattr__(name: str) -> Any:
    if name == "app":  # `uvicorn services.offices.main:app`
        return create_app()
    raise AttributeError(name)
