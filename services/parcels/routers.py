"""The routers of all slices, in the order in which their paths are tried."""

from services.parcels.accounts import routes as accounts
from services.parcels.booking import routes as booking
from services.parcels.commissions import routes as commissions
from services.parcels.epcis import routes as epcis
from services.parcels.invoices import routes as invoices
from services.parcels.labels import routes as labels
from services.parcels.quotes import routes as quotes
from services.parcels.reconciliation import routes as reconciliation
from services.parcels.refunds import routes as refunds
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
    tracking.router,
    statistics.router,
    epcis.router,
    labels.router,
    accounts.own,
    accounts.accounts,
    accounts.reversals,
    invoices.own,
    invoices.invoices,
    reconciliation.own,
    reconciliation.any_partner,
    refunds.router,
    commissions.commissions,
    commissions.deductions,
    commissions.statements,
)
