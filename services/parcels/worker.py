"""The background jobs of parcels: relay, the offices' replica, the roll-ups."""

from services.parcels.events import CORRECTED, MOVED, STATUS_CHANGED
from services.parcels.network.service import on_office_events
from services.parcels.statistics.service import on_scanned
from shared import work
from shared.consumer import Consumer
from shared.runtime import Runtime

OFFICE_EVENTS = (
    "office.created",
    "office.changed",
    "office.suspended",
    "office.reopened",
    "office.closed",
    "office.converted",
    "office.relocated",
    "office.transferred",
)


def jobs(runtime: Runtime) -> work.Work:
    found = work.plumbing(runtime)
    found.consume("offices", Consumer("parcels.network", OFFICE_EVENTS, on_office_events))
    found.consume(
        "parcels",
        Consumer("parcels.statistics", (STATUS_CHANGED, MOVED, CORRECTED), on_scanned),
    )
    return found
