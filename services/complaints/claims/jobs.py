"""Asks parcels for the facts that claims wait for."""

from typing import Final

from services.complaints.claims import lookups
from services.complaints.clients import Payments
from shared.auth import World
from shared.work import Work

LOOKUP_S: Final = 3


def add(found: Work) -> None:
    runtime = found.runtime

    async def complete(world: World) -> None:
        payments = Payments.of(runtime, world)
        await lookups.complete(runtime.databases[world], payments, runtime.clock)

    found.timer("claim_facts", LOOKUP_S, complete)
