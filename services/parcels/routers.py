"""The routers of the slices, in the order of the document."""

from services.parcels.bags import routes as bags
from services.parcels.booking import routes as booking
from services.parcels.counted import routes as counted
from services.parcels.epcis import routes as epcis
from services.parcels.exchange import routes as exchange
from services.parcels.labels import routes as labels
from services.parcels.quotes import routes as quotes
from services.parcels.repricing import routes as repricing
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
    bags.bags,
    bags.scans,
    exchange.operators,
    exchange.dispatches,
    exchange.pre_advices,
    counted.router,
    tracking.router,
    statistics.router,
    counted.reports,
    epcis.router,
    labels.router,
)
