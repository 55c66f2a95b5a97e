"""The worker's tick over changes of Shebas: what holds from now on, parcels is told."""

import structlog

from services.gateway import clients
from services.gateway.clients import SisterAway, SisterRefused
from services.gateway.shebas import service
from services.gateway.shebas.schemas import ShebaChangeBody
from shared.auth import World
from shared.calendar import tehran_date
from shared.clock import world_now
from shared.runtime import Runtime

log = structlog.get_logger(__name__)


async def carry_out(runtime: Runtime, world: World = "live") -> None:
    """Parcels is asked outside any transaction; what it did not hear it is told the next time."""
    if world != "live":  # where all accounts are
        return
    database = runtime.databases[world]
    async with database.transaction() as session:
        now = await world_now(session, runtime.clock)
        await service.make_effective(session, now)
    async with database.transaction() as session:
        waiting = await service.undelivered(session)
    for change in waiting:
        try:
            await _deliver(runtime, change)
        except (SisterAway, SisterRefused) as error:
            log.warning("sheba_change_undelivered", change=str(change.id), error=str(error)[:300])
            continue
        async with database.transaction() as session:
            await service.note_delivered(session, change.partner, change.id, now)


async def _deliver(runtime: Runtime, change: ShebaChangeBody) -> None:
    """The same bytes however often it is said: the day is the one from which it holds."""
    if change.approved_by is None or change.effective_at is None:
        raise ValueError("only what was approved is carried out")
    body = {
        "partner": str(change.partner),
        "sheba": change.sheba,
        "holder_name": change.holder_name,
        "valid_from": tehran_date(change.effective_at).isoformat(),
        "source": f"change {change.id}, proposed by {change.proposed_by}",
    }
    await clients.register_payee(runtime, change.approved_by, f"sheba-change/{change.id}", body)
