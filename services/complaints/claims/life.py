"""What befalls a claim, under the locks of its parcel and itself: every step on its way.

Whoever decides about a parcel's claims holds the parcel's row, then the claim's.
"""

from dataclasses import asdict
from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.claims import domain, repository
from services.complaints.claims.domain import Status
from services.complaints.claims.errors import ClaimState, ClaimUnknown
from services.complaints.claims.events import OPENED, TYPES, claim_event
from services.complaints.claims.models import Claim, ClaimPayee, ClaimStep
from services.complaints.claims.schemas import PayeeIn
from services.complaints.clients import ParcelFacts
from services.complaints.rules import domain as rules
from services.complaints.rules import service as versions
from services.complaints.rules.domain import Asked, Facts
from shared import outbox
from shared.calendar import tehran_date

SHIPPED_BY_PARTNERS: Final = frozenset({"ecommerce", "bank"})
"""Channels whose parcels are the booking account's own; at a counter a clerk books for others."""
_FACTS: Final = TypeAdapter(Facts)


async def start(
    session: AsyncSession,
    claim: Claim,
    facts: ParcelFacts | None,
    when: tuple[datetime, datetime],
    *,
    payee: PayeeIn | None = None,
) -> Claim:
    """Write a new claim; computed at once where the facts are known, else by the worker."""
    at, now = when
    claim.status, claim.version, claim.round = "assessing", 0, 0
    claim.claimed_on, claim.opened_at, claim.recorded_at = tehran_date(at), at, now
    claim.lookup_at = now if facts is None else None
    if facts is not None:
        keep_facts(claim, facts)
    await step(session, claim, "assessing", by=claim.opened_by, at=at, event=OPENED)
    if payee is not None:
        await set_payee(session, claim, payee, claim.opened_by, at)
    if facts is not None:
        await work_out(session, claim, by=claim.opened_by, at=at)
    return claim


def keep_facts(claim: Claim, facts: ParcelFacts) -> None:
    claim.facts = facts.model_dump(mode="json")
    if facts.channel in SHIPPED_BY_PARTNERS:
        claim.partner = facts.partner


async def step(
    session: AsyncSession,
    claim: Claim,
    status: Status,
    *,
    by: str,
    at: datetime,
    note: str | None = None,
    event: str | None = None,
) -> None:
    """Into a state, with its record and its event; the parcel's row is locked."""
    claim.status, claim.updated_at = status, at
    claim.version += 1
    await repository.add(session, claim)
    await repository.add(
        session,
        ClaimStep(
            claim=claim.id,
            version=claim.version,
            status=status,
            decided_by=by,
            note=note,
            decided_at=at,
        ),
    )
    await outbox.append(
        session, event or TYPES[status], claim_event(claim, at), time=at, subject=str(claim.id)
    )


async def note(
    session: AsyncSession, claim: Claim, said: str, *, by: str, at: datetime, event: str
) -> None:
    """What befell a claim that stays in its state."""
    await step(session, claim, claim.status, by=by, at=at, note=said, event=event)


def check(claim: Claim, then: Status) -> None:
    if not domain.may(claim.status, then):
        raise ClaimState(f"the claim is {claim.status}: it cannot become {then}")


async def work_out(
    session: AsyncSession, claim: Claim, *, by: str, at: datetime, note: str | None = None
) -> None:
    """Compute a claim by the rules of its day: a new proposal, which wants new approvals."""
    code, terms = await versions.in_force(session, claim.claimed_on)
    before = 0
    if claim.supplements is not None:
        before = await repository.paid_before_rials(session, claim.barcode, claim.cause)
    asked = Asked(
        cause=claim.cause,
        contents=claim.contents,
        loss_rials=claim.loss_rials,
        claimed_on=claim.claimed_on,
        now=at,
        asked_rials=claim.asked_rials,
        committed_rials=await repository.committed_rials(session, claim.barcode),
        paid_before_rials=before,
    )
    worked = rules.work(terms, _FACTS.validate_python(claim.facts), asked)
    claim.rules, claim.round = code, claim.round + 1
    claim.worked = [asdict(one) for one in worked.steps]
    claim.amount_rials = worked.amount_rials if worked.outcome == "payable" else 0
    claim.reason = None if worked.outcome == "payable" else worked.outcome
    if worked.outcome in {"time_barred", "nothing_due"}:
        await step(session, claim, "declined", by=by, at=at, note=worked.outcome)
        return
    has_payee = await repository.payee(session, claim.id) is not None
    stands = domain.proposed(worked=worked.outcome == "payable", has_payee=has_payee)
    await step(session, claim, stands, by=by, at=at, note=note)


async def locked(session: AsyncSession, claim_id: UUID, now: datetime) -> Claim:
    """A claim with its parcel's row before it."""
    barcode = await repository.barcode_of(session, claim_id)
    if barcode is None:
        raise ClaimUnknown
    await repository.lock_item(session, barcode, now)
    claim = await repository.lock(session, claim_id)
    if claim is None:
        raise ClaimUnknown
    return claim


async def set_payee(
    session: AsyncSession, claim: Claim, payee: PayeeIn, by: str, at: datetime
) -> None:
    row = ClaimPayee(
        claim=claim.id,
        sheba=payee.sheba,
        holder_name=payee.holder_name,
        given_by=by,
        given_at=at,
    )
    await repository.set_payee(session, row)
