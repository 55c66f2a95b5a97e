"""The background jobs of parcels: the plumbing's, and each slice's `jobs.py`."""

from typing import Final

from services.parcels.breaches import jobs as breaches
from services.parcels.calendars import jobs as calendars
from services.parcels.cod import jobs as cod
from services.parcels.commissions import jobs as commissions
from services.parcels.corrections import jobs as corrections
from services.parcels.custody import jobs as custody
from services.parcels.exchange import jobs as exchange
from services.parcels.flows import jobs as flows
from services.parcels.holding import jobs as holding
from services.parcels.hops import jobs as hops
from services.parcels.invoices import jobs as invoices
from services.parcels.messages import jobs as messages
from services.parcels.network import jobs as network
from services.parcels.payments import jobs as payments
from services.parcels.quotes import jobs as quotes
from services.parcels.redirects import jobs as redirects
from services.parcels.repricing import jobs as repricing
from services.parcels.sandbox import jobs as sandbox
from services.parcels.settlements import jobs as settlements
from services.parcels.statistics import jobs as statistics
from services.parcels.trips import jobs as trips
from shared import work
from shared.runtime import Runtime

SLICES: Final = (
    network,
    calendars,
    statistics,
    repricing,
    quotes,
    commissions,
    invoices,
    holding,
    messages,
    cod,
    payments,
    settlements,
    trips,
    hops,
    flows,
    breaches,
    corrections,
    custody,
    redirects,
    exchange,
    sandbox,
)


def jobs(runtime: Runtime) -> work.Work:
    found = work.plumbing(runtime)
    for one in SLICES:
        one.add(found)
    return found
