"""The routers of all slices, in the order in which their paths are tried."""

from services.parcels.booking import routes as booking
from services.parcels.corrections import routes as corrections
from services.parcels.custody import routes as custody
from services.parcels.discrepancies import routes as discrepancies
from services.parcels.epcis import routes as epcis
from services.parcels.labels import routes as labels
from services.parcels.quotes import routes as quotes
from services.parcels.redirects import routes as redirects
from services.parcels.repricing import routes as repricing
from services.parcels.returns import routes as returns
from services.parcels.reweighing import routes as reweighing
from services.parcels.scanning import routes as scanning
from services.parcels.statistics import routes as statistics
from services.parcels.tariff import routes as tariff
from services.parcels.tracking import routes as tracking

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
    labels.router,
    discrepancies.router,
    corrections.router,
    custody.router,
    redirects.router,
    reweighing.router,
    returns.router,
)
