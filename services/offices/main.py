"""The app of offices."""

from typing import Any

from fastapi import FastAPI

from services.offices.areas import routes as areas
from services.offices.calendar import routes as calendar
from services.offices.catalogue import routes as catalogue
from services.offices.config import Settings
from services.offices.history import routes as history
from services.offices.offerings import routes as offerings
from services.offices.performance import routes as performance
from services.offices.registry import routes as registry
from shared.application import service_app
from shared.clock import Clock
from shared.runtime import Clients, running

ROUTERS = (
    registry.towns,
    registry.router,
    history.router,
    areas.of_office,
    areas.router,
    calendar.of_office,
    calendar.router,
    offerings.router,
    offerings.near,  # before /v1/services/{code}
    performance.performed,
    performance.offices,
    performance.statistics,
    catalogue.principals,
    catalogue.services,
    catalogue.rules,
)


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
