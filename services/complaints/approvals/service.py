"""Use case of approvals: who approves, how many it takes, and the order that follows."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.approvals.errors import AmountDiffers, CapReached, Concerned
from services.complaints.approvals.schemas import Approval
from services.complaints.claims import domain, life, repository
from services.complaints.claims import service as claims
from services.complaints.claims.errors import ClaimState
from services.complaints.claims.models import Claim, ClaimApproval
from services.complaints.claims.schemas import ClaimOut
from services.complaints.payouts import service as payouts
from services.complaints.rules import service as versions
from services.complaints.rules.domain import Terms, approvals_needed
from shared.auth import Caller
from shared.clock import happened_at
from shared.ledger import When


async def approve(
    session: AsyncSession, claim_id: UUID, said: Approval, *, caller: Caller, now: datetime
) -> ClaimOut:
    """With the last approval that it takes, the claim is ordered to be paid."""
    at = happened_at(caller, said.occurred_at, now)
    claim = await life.locked(session, claim_id, now)
    life.check(claim, "approved")
    if claim.rules is None or said.amount_rials != claim.amount_rials:
        raise AmountDiffers(f"the claim is for {claim.amount_rials} rials: look at it again")
    terms = await versions.of(session, claim.rules)
    await _check(session, claim, terms, caller)
    approval = ClaimApproval(
        claim=claim.id,
        round=claim.round,
        approver=caller.id,
        amount_rials=said.amount_rials,
        approved_at=at,
    )
    given = await repository.approve(session, approval)
    if given >= approvals_needed(terms, said.amount_rials):
        await life.step(session, claim, "approved", by=caller.id, at=at)
        await payouts.order(session, claim, terms, by=caller.id, when=When(at, now))
    return await claims.shown(session, claim)


async def _check(session: AsyncSession, claim: Claim, terms: Terms, caller: Caller) -> None:
    payee = await repository.payee(session, claim.id)
    if payee is None:
        raise ClaimState("the account to be paid is not known")
    concerned = {claim.opened_by, claim.proposed_by, payee.given_by}
    if not domain.may_approve(caller.id, concerned):
        raise Concerned("who opened a claim, proposed it or named its account does not approve it")
    committed = await repository.committed_rials(session, claim.barcode)
    room = terms.caps[claim.contents] - committed
    if (claim.amount_rials or 0) > room:
        raise CapReached(f"{max(room, 0)} rials are left of this parcel's cap: assess it again")
