"""The app of complaints."""

from typing import Any

from fastapi import FastAPI

from services.complaints.assignment import routes as assignment
from services.complaints.attachments import routes as attachments
from services.complaints.calendars import routes as calendars
from services.complaints.calls import routes as calls
from services.complaints.caseload import routes as caseload
from services.complaints.cases import routes as cases
from services.complaints.clocks import routes as clocks
from services.complaints.config import Settings
from services.complaints.filing import routes as filing
from services.complaints.interventions import routes as interventions
from services.complaints.liability import routes as liability
from services.complaints.privacy import routes as privacy
from services.complaints.targets import routes as targets
from shared.application import service_app
from shared.clock import Clock
from shared.runtime import Clients, running

ROUTERS = (
    filing.router,
    *(cases.router, cases.statistics, cases.internal),
    *(assignment.router, assignment.officers, liability.router),
    *(attachments.router, calls.router, caseload.router, privacy.router, privacy.people),
    *(clocks.cases, clocks.queue, clocks.statistics, interventions.router, targets.router),
    *(calendars.hours, calendars.days, calendars.calendar),
)


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
