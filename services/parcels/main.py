"""The app of parcels."""

from typing import Any

from fastapi import FastAPI

from services.parcels.booking import routes as booking
from services.parcels.config import Settings
from services.parcels.corrections import routes as corrections
from services.parcels.custody import routes as custody
from services.parcels.discrepancies import routes as discrepancies
from services.parcels.epcis import routes as epcis
from services.parcels.quotes import routes as quotes
from services.parcels.redirects import routes as redirects
from services.parcels.repricing import routes as repricing
from services.parcels.returns import routes as returns
from services.parcels.reweighing import routes as reweighing
from services.parcels.scanning import routes as scanning
from services.parcels.statistics import routes as statistics
from services.parcels.tariff import routes as tariff
from services.parcels.tracking import routes as tracking
from shared.application import service_app
from shared.clock import Clock
from shared.runtime import Clients, running

ROUTERS = (
    tariff.tariffs,
    tariff.drafts,
    tariff.vat,
    quotes.router,
    repricing.runs,
    repricing.refunds,
    booking.router,
    scanning.router,
    tracking.router,
    statistics.router,
    epcis.router,
    discrepancies.router,
    corrections.router,
    custody.router,
    redirects.router,
    reweighing.router,
    returns.router,
)


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
