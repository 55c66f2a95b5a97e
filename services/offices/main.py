"""The app of offices."""

from typing import Any

from fastapi import FastAPI

from services.offices.catalogue import routes as catalogue
from services.offices.config import Settings
from services.offices.coverage import routes as coverage
from services.offices.hsds import routes as hsds
from services.offices.maps import routes as maps
from services.offices.offerings import routes as offerings
from services.offices.performance import routes as performance
from services.offices.registry import routes
from shared.application import service_app
from shared.clock import Clock
from shared.runtime import Clients, running

ROUTERS = (
    routes.towns,
    routes.router,
    offerings.router,
    offerings.near,  # before /v1/services/{code}
    performance.performed,
    performance.offices,
    performance.statistics,
    catalogue.principals,
    catalogue.services,
    catalogue.rules,
    coverage.router,
    coverage.applications,
    maps.router,
    hsds.router,
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
