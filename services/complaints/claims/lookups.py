"""The worker's side of claims: asks parcels about those whose facts are wanting."""

from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog

from services.complaints.claims import domain, life, repository
from services.complaints.clients import ParcelFacts, Payments, SisterDownError
from shared.clock import Clock, world_now
from shared.database import Database

log = structlog.get_logger(__name__)

DUE_MAX: Final = 50
RETRY: Final = timedelta(seconds=15)
WORKER: Final = "worker"


async def complete(database: Database, payments: Payments, clock: Clock) -> int:
    """Compute the claims that wait for facts; how many. Ends where parcels is down."""
    async with database.transaction() as session:
        due = await repository.due_lookups(session, clock.now(), DUE_MAX)
    for done, (claim_id, barcode) in enumerate(due):
        try:
            facts = await payments.facts(barcode)
        except SisterDownError as error:
            log.warning("claim_facts_not_asked", error=str(error)[:300])
            return done
        await _compute(database, clock, claim_id, facts)
    return len(due)


async def _compute(
    database: Database, clock: Clock, claim_id: UUID, facts: ParcelFacts | None
) -> None:
    async with database.transaction() as session:
        at = await world_now(session, clock)
        claim = await life.locked(session, claim_id, clock.now())
        if claim.lookup_at is None:  # another worker was first, or it was declined
            return
        claim.lookup_at = None
        if facts is None:
            claim.reason = "parcel_unknown"
            await life.step(session, claim, "declined", by=WORKER, at=at, note=claim.reason)
            return
        life.keep_facts(claim, facts)
        if claim.status in domain.OPEN | domain.UNPAID:
            await life.work_out(session, claim, by=WORKER, at=at)
