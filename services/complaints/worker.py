"""The background jobs of complaints: relay, consumers, timers."""

from typing import Final

from services.complaints.attachments import service as attachments
from services.complaints.calendars import service as calendars
from services.complaints.chargebacks import jobs as chargebacks
from services.complaints.claims import jobs as claims
from services.complaints.clients import Sisters
from services.complaints.clocks import jobs as clocks
from services.complaints.dependencies import folder_of
from services.complaints.openings import jobs as openings
from services.complaints.payouts import jobs as payouts
from services.complaints.satisfaction import service as satisfaction
from services.complaints.subjects import service as subjects
from services.complaints.surveys import inviting
from shared import work
from shared.auth import World
from shared.runtime import Runtime

LOOKUP_S: Final = 5
SWEEP_S: Final = 3600
SLICES: Final = (clocks, claims, openings, payouts, chargebacks)


def jobs(runtime: Runtime) -> work.Work:
    made = work.plumbing(runtime)
    made.consume("parcels", subjects.PARCELS)
    made.consume("offices", calendars.HOLIDAYS)
    made.consume("parcels", inviting.deliveries_consumer(runtime.clock))
    made.consume("offices", satisfaction.OFFICES)

    async def catch_up(world: World) -> None:
        sisters = Sisters(runtime.sister("parcels", world), runtime.sister("offices", world))
        # wall time: a retry is no business of the world's clock, which may stand in the past
        await subjects.catch_up(runtime.databases[world], sisters, runtime.clock.now())

    async def sweep(world: World) -> None:
        # wall time, as the files' ids and dates are
        folder = folder_of(runtime, world)
        await attachments.sweep(runtime.databases[world], folder, runtime.clock.now())

    made.timer("lookup", LOOKUP_S, catch_up)
    made.timer("attachments", SWEEP_S, sweep)
    for one in SLICES:
        one.add(made)
    return made
