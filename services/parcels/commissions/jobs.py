"""Keeps the books from parcels' events, follows contracts, issues statements."""

from typing import Final

from services.parcels.commissions import following, repository, service
from shared.auth import World
from shared.consumer import Consumer
from shared.work import Work

STATEMENTS_S: Final = 3600


def add(found: Work) -> None:
    runtime = found.runtime
    contracts = Consumer(
        "parcels.contracts",
        following.EVENTS,
        following.on_contract_events,
        repository.forget_contract_versions,
    )
    books = Consumer("parcels.accounts", following.ACCOUNTED, following.keep_books)
    found.consume("offices", contracts)
    found.consume("parcels", books)

    async def issue(world: World) -> None:
        await service.issue_due(runtime.databases[world], runtime.clock)

    found.timer("commissions", STATEMENTS_S, issue)
