"""The app of offices."""

from typing import Any

from fastapi import FastAPI

from services.offices.applications import routes as applications
from services.offices.associations import routes as associations
from services.offices.config import Settings
from services.offices.licensing import routes as licensing
from services.offices.meetings import routes as meetings
from services.offices.registry import routes
from services.offices.training import routes as training
from services.offices.workforce import routes as workforce
from services.offices.working_group import routes as working_group
from shared.application import service_app
from shared.clock import Clock
from shared.runtime import Clients, running

ROUTERS = (
    routes.towns,
    routes.router,
    associations.router,
    associations.of_office,
    workforce.router,
    workforce.statistics,
    training.router,
    licensing.offices,
    licensing.router,
    applications.router,
    applications.inquiries,
    applications.terms,
    working_group.router,
    meetings.router,
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
