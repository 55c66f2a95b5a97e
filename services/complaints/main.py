"""The app of complaints."""

from typing import Any

from fastapi import FastAPI

from services.complaints.cases import routes as cases
from services.complaints.config import Settings
from services.complaints.counts import routes as counts
from shared.application import service_app
from shared.clock import Clock
from shared.runtime import Clients, running

ROUTERS = (cases.router, cases.statistics, cases.internal, counts.router)


def create_app(
    settings: Settings | None = None, *, clients: Clients | None = None, clock: Clock | None = None
) -> FastAPI:
    """The app; settings come from the environment, sisters over HTTP, unless they are given."""
    return service_app(
        "complaints",
        "Susa complaints",
        lambda: running("complaints", settings or Settings(), clients, clock),
        ROUTERS,
    )


def __getattr__(name: str) -> Any:
    if name == "app":  # `uvicorn services.complaints.main:app`
        return create_app()
    raise AttributeError(name)
