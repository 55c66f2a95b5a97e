"""The app of complaints."""

from typing import Any

from fastapi import FastAPI

from services.complaints.config import Settings
from services.complaints.open311.faults import StandardFaults
from services.complaints.routers import ROUTERS
from shared.application import service_app
from shared.clock import Clock
from shared.runtime import Clients, running


def create_app(
    settings: Settings | None = None, *, clients: Clients | None = None, clock: Clock | None = None
) -> FastAPI:
    """The app; settings come from the environment, sisters over HTTP, unless they are given."""
    app = service_app(
        "complaints",
        "Susa complaints",
        lambda: running("complaints", settings or Settings(), clients, clock),
        ROUTERS,
    )
    app.add_middleware(StandardFaults)
    return app


def __getattr__(name: str) -> Any:
    if name == "app":  # `uvicorn services.complaints.main:app`
        return create_app()
    raise AttributeError(name)
