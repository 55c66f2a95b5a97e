"""Issues invoices when their month is over."""

from typing import Final

from services.parcels.invoices import service
from shared.auth import World
from shared.work import Work

INVOICES_S: Final = 3600


def add(found: Work) -> None:
    runtime = found.runtime

    async def issue(world: World) -> None:
        await service.issue_due(runtime.databases[world], runtime.clock)

    found.timer("invoices", INVOICES_S, issue)
