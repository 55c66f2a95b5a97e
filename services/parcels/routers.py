"""The routers of every slice, in the order of the document."""

from services.parcels.booking import routes as booking
from services.parcels.epcis import routes as epcis
from services.parcels.flows import routes as flows
from services.parcels.hops import routes as hops
from services.parcels.quotes import routes as quotes
from services.parcels.repricing import routes as repricing
from services.parcels.routing import routes as routing
from services.parcels.scanning import routes as scanning
from services.parcels.statistics import routes as statistics
from services.parcels.tariff import routes as tariff
from services.parcels.tracking import routes as tracking
from services.parcels.transport import routes as transport
from services.parcels.trips import routes as trips

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
    transport.lines,
    transport.timetable,
    trips.register,
    trips.router,
    trips.fleet,
    flows.router,
    hops.router,
    routing.router,
    routing.feeders,
)
