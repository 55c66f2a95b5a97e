"""The slices' routers, in the order in which their operations are documented and matched."""

from services.parcels.accounts import routes as accounts
from services.parcels.bags import routes as bags
from services.parcels.bank_statements import routes as bank_statements
from services.parcels.banking import routes as banking
from services.parcels.booking import routes as booking
from services.parcels.breaches import routes as breaches
from services.parcels.cod import routes as cod
from services.parcels.commissions import routes as commissions
from services.parcels.compensation import routes as compensation
from services.parcels.corrections import routes as corrections
from services.parcels.counted import routes as counted
from services.parcels.couriers import routes as couriers
from services.parcels.custody import routes as custody
from services.parcels.delivery import routes as delivery
from services.parcels.destruction import routes as destruction
from services.parcels.details import routes as details
from services.parcels.discrepancies import routes as discrepancies
from services.parcels.drawers import routes as drawers
from services.parcels.epcis import routes as epcis
from services.parcels.exchange import routes as exchange
from services.parcels.flows import routes as flows
from services.parcels.holding import routes as holding
from services.parcels.hops import routes as hops
from services.parcels.inquiries import routes as inquiries
from services.parcels.invoices import routes as invoices
from services.parcels.labels import routes as labels
from services.parcels.manifests import routes as manifests
from services.parcels.messages import routes as messages
from services.parcels.overviews import routes as overviews
from services.parcels.payees import routes as payees
from services.parcels.payments import routes as payments
from services.parcels.pickups import routes as pickups
from services.parcels.promise import routes as promise
from services.parcels.quotes import routes as quotes
from services.parcels.reconciliation import routes as reconciliation
from services.parcels.redirects import routes as redirects
from services.parcels.refunds import routes as refunds
from services.parcels.repricing import routes as repricing
from services.parcels.returns import routes as returns
from services.parcels.reweighing import routes as reweighing
from services.parcels.routing import routes as routing
from services.parcels.runs import routes as runs
from services.parcels.scanning import routes as scanning
from services.parcels.settlements import routes as settlements
from services.parcels.statistics import routes as statistics
from services.parcels.targets import routes as targets
from services.parcels.tariff import routes as tariff
from services.parcels.tracking import routes as tracking
from services.parcels.transit import routes as transit
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
    details.router,
    inquiries.router,
    statistics.router,
    epcis.router,
    labels.router,
    couriers.router,
    runs.router,
    delivery.router,
    holding.router,
    banking.router,
    destruction.router,
    manifests.router,
    pickups.router,
    messages.router,
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
    compensation.router,
    transport.lines,
    transport.timetable,
    trips.register,
    trips.router,
    trips.fleet,
    flows.router,
    hops.router,
    routing.router,
    routing.feeders,
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
    promise.terms,
    promise.pauses,
    promise.parcels,
    breaches.router,
    transit.router,
    targets.populations,
    targets.targets,
    targets.statistics,
    bags.bags,
    bags.scans,
    exchange.operators,
    exchange.dispatches,
    exchange.pre_advices,
    counted.router,
    counted.reports,
    discrepancies.router,
    corrections.router,
    custody.router,
    redirects.router,
    reweighing.router,
    returns.router,
    overviews.router,
)
