"""The worker's side of payouts: has parcels order them, and void what is to be taken back.

Parcels knows each by claim and number: what is sent again after a lost answer is done once.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from services.complaints.clients import OrderRecord, Payments, RefusedError, SisterDownError
from services.complaints.payouts import repository, service
from services.complaints.payouts.repository import Due
from shared.clock import Clock
from shared.database import Database

log = structlog.get_logger(__name__)

DUE_MAX: Final = 50
RETRY: Final = timedelta(minutes=10)


async def send(database: Database, payments: Payments, clock: Clock) -> int:
    """Tell parcels what is due; how many. Ends where parcels is down."""
    async with database.transaction() as session:
        due = await repository.due(session, clock.now(), DUE_MAX)
    for done, one in enumerate(due):
        try:
            answer = await payments.order(service.wanted_order(one))
            if one.payout.void_reason is not None:
                answer = await _void(payments, one, one.payout.void_reason)
        except SisterDownError as error:
            log.warning("payout_not_sent", error=str(error)[:300])
            return done
        except RefusedError as error:
            log.error("payout_refused", payout=str(one.payout.id), error=str(error)[:300])  # noqa: TRY400 - no fault of ours to trace
            await _sent(database, one, None, clock.now() + RETRY)
            continue
        await _sent(database, one, answer, None)
    return len(due)


async def _void(payments: Payments, one: Due, reason: str) -> OrderRecord:
    """A bank that has it already answers for it: then it is not taken back."""
    try:
        return await payments.void(one.claim.id, one.payout.transfer, {"reason": reason})
    except RefusedError as error:
        log.warning("payout_not_voided", payout=str(one.payout.id), error=str(error)[:300])
        return await payments.order(service.wanted_order(one))


async def _sent(
    database: Database, one: Due, answer: OrderRecord | None, again: datetime | None
) -> None:
    """What has changed since it was read is sent again: `send_at` was moved by that."""
    payout_id: UUID = one.payout.id
    async with database.transaction() as session:
        payout = await repository.lock(session, payout_id)
        if payout is None or payout.send_at != one.payout.send_at:
            return
        payout.send_at = again
        if answer is not None:
            payout.reference = answer.reference
            payout.void_reason = None
