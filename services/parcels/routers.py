"""Every slice's routers, in the order in which they are tried."""

from services.parcels.bank_statements import routes as bank_statements
from services.parcels.booking import routes as booking
from services.parcels.cod import routes as cod
from services.parcels.drawers import routes as drawers
from services.parcels.epcis import routes as epcis
from services.parcels.labels import routes as labels
from services.parcels.payees import routes as payees
from services.parcels.payments import routes as payments
from services.parcels.quotes import routes as quotes
from services.parcels.repricing import routes as repricing
from services.parcels.scanning import routes as scanning
from services.parcels.settlements import routes as settlements
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
    cod.router,
    drawers.hand_ins,
    drawers.drawers,
    payees.router,
    payments.router,
    payments.bank,
    bank_statements.bank,
    bank_statements.statements,
    bank_statements.proofs,
    settlements.router,
)
