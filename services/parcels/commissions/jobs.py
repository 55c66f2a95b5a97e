"""Follows contracts and acceptances; issues statements when their month is over."""

from typing import Final

from services.parcels.commissions import following, service
from services.parcels.events import CORRECTED, MOVED, STATUS_CHANGED
from shared.auth import World
from shared.consumer import Consumer
from shared.work import Work

STATEMENTS_S: Final = 3600


def add(found: Work) -> None:
    runtime = found.runtime
    contracts = Consumer("parcels.contracts", following.EVENTS, following.on_contract_events)
    moved = (STATUS_CHANGED, MOVED, CORRECTED)
    found.consume("offices", contracts)
    found.consume("parcels", Consumer("parcels.commissions", moved, following.on_scanned))

    async def issue(world: World) -> None:
        await service.issue_due(runtime.databases[world], runtime.clock)

    found.timer("commissions", STATEMENTS_S, issue)
