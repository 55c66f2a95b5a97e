"""The worker's side of charges back: tells parcels what to deduct, and what to give back.

Parcels knows each by its reference: what is told twice is done once.
"""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.chargebacks import repository, service
from services.complaints.chargebacks.domain import OFFICES, RECOVERED, Status, reference
from services.complaints.chargebacks.models import ChargeBack
from services.complaints.clients import Payments, RefusedError, SisterDownError
from shared import ledger, ledger_batch
from shared.calendar import tehran_date
from shared.clock import Clock, world_now
from shared.database import Database
from shared.ledger import Entry, Reversal, When

log = structlog.get_logger(__name__)

DUE_MAX: Final = 50
RETRY: Final = timedelta(hours=1)
WORKER: Final = "worker"


async def send(database: Database, payments: Payments, clock: Clock) -> int:
    """Carry out what is due by the world's clock; how many. Ends where parcels is down."""
    async with database.transaction() as session:
        now = await world_now(session, clock)
        due = await repository.due(session, now, DUE_MAX)
    for done, row in enumerate(due):
        status = await _confirmed(database, row.id, now)
        if status is None:
            continue
        try:
            for said in _deductions(row, status, now):
                await payments.deduct(said)
        except SisterDownError as error:
            log.warning("charge_back_not_sent", error=str(error)[:300])
            return done
        except RefusedError as error:
            log.error("charge_back_refused", charge_back=str(row.id), error=str(error)[:300])  # noqa: TRY400 - no fault of ours to trace
            await _postpone(database, row.id, now + RETRY)
            continue
        await _done(database, row.id, status, When(now, clock.now()))
    return len(due)


async def _confirmed(database: Database, charge_back: UUID, now: datetime) -> Status | None:
    """Nobody appealed in time: due from here on, so that an appeal comes before or after."""
    async with database.transaction() as session:
        row = await repository.lock(session, charge_back)
        if row is None or row.deduct_at is None or row.deduct_at > now:
            return None
        if row.status == "announced":
            await service.step(session, row, "due", by=WORKER, at=now)
        return row.status


def _deductions(row: ChargeBack, status: Status, now: datetime) -> list[dict[str, Any]]:
    """What is given back was taken before, if only now."""
    said = {
        "office": row.office,
        "amount_rials": row.amount_rials,
        "reason": f"compensation, claim {row.claim}",
        "reference": reference(row.id),
        "occurred_on": tehran_date(now).isoformat(),
    }
    if status != "lifting":
        return [said]
    back = {"amount_rials": -row.amount_rials, "reference": f"{reference(row.id)}/lifted"}
    return [said, {**said, **back}]


async def _done(database: Database, charge_back: UUID, status: Status, when: When) -> None:
    """What was sent for a state is of no use for another: then the next tick sends that."""
    async with database.transaction() as session:
        row = await repository.lock(session, charge_back)
        if row is None or row.status != status:
            return
        if row.status == "due":
            await _book(session, row, when)
            row.deduct_at = None
            await service.step(session, row, "deducted", by=WORKER, at=when.occurred_at)
            return
        transfer = await _booked(session, row)
        if transfer is not None:
            back = Reversal("charge_back_lifted", f"{reference(row.id)}/lifted", when)
            await ledger.reverse(session, transfer, back)
        row.deduct_at = None
        await service.step(session, row, "lifted", by=WORKER, at=when.occurred_at)


async def _book(session: AsyncSession, row: ChargeBack, when: When) -> None:
    accounts: dict[str, ledger.AccountKind] = {OFFICES: "asset", RECOVERED: "income"}
    await ledger_batch.open_all(session, accounts, when.recorded_at)
    entry = Entry(OFFICES, RECOVERED, row.amount_rials, "charge_back", reference(row.id), when)
    await ledger.transfer(session, entry)


async def _booked(session: AsyncSession, row: ChargeBack) -> int | None:
    found = await ledger_batch.ids(session, [reference(row.id)])
    return found.get(reference(row.id))


async def _postpone(database: Database, charge_back: UUID, until: datetime) -> None:
    async with database.transaction() as session:
        row = await repository.lock(session, charge_back)
        if row is not None and row.deduct_at is not None:
            row.deduct_at = until
