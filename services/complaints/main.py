"""The app of complaints."""

from typing import Any

from fastapi import FastAPI

from services.complaints.approvals import routes as approvals
from services.complaints.cases import routes as cases
from services.complaints.chargebacks import routes as chargebacks
from services.complaints.claims import routes as claims
from services.complaints.config import Settings
from services.complaints.payouts import routes as payouts
from services.complaints.rules import routes as rules
from services.complaints.spending import routes as spending
from shared.application import service_app
from shared.clock import Clock
from shared.runtime import Clients, running

ROUTERS = (
    cases.router,
    cases.statistics,
    cases.internal,
    rules.router,
    claims.router,
    claims.own,
    approvals.router,
    payouts.router,
    chargebacks.router,
    chargebacks.liability,
    spending.router,
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
