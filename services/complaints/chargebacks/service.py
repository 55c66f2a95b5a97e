"""Use cases of charges back: announced when compensation is paid, appealed, ruled upon."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.chargebacks import domain, repository
from services.complaints.chargebacks.domain import Status
from services.complaints.chargebacks.errors import AlreadyLiable, ChargeBackState, ChargeBackUnknown
from services.complaints.chargebacks.events import TYPES, charge_back_event
from services.complaints.chargebacks.models import ChargeBack, ChargeBackStep
from services.complaints.chargebacks.repository import Filter
from services.complaints.chargebacks.schemas import (
    Appeal,
    ChargeBackOut,
    ChargeBackWithSteps,
    HistoryOut,
    Liability,
    Ruling,
)
from services.complaints.claims import life
from services.complaints.claims import service as claims
from services.complaints.claims.events import LIABLE
from services.complaints.claims.models import Claim
from services.complaints.claims.schemas import ClaimOut
from services.complaints.rules import domain as rules
from services.complaints.rules import service as versions
from shared import outbox
from shared.auth import Caller
from shared.clock import happened_at
from shared.errors import Forbidden
from shared.pagination import Page, cut


async def announce(
    session: AsyncSession, claim: Claim, paid: tuple[UUID, int], *, by: str, at: datetime
) -> None:
    """The liable office is to bear its share of a payout, by the claim's rules; once for each."""
    payout, amount_rials = paid
    if claim.liable_office is None or claim.rules is None:
        return
    if await repository.of_payout(session, payout) is not None:
        return
    terms = await versions.of(session, claim.rules)
    bears = rules.charged_back(terms, claim.cause, amount_rials)
    if bears == 0:
        return
    row = ChargeBack(
        id=await repository.new_id(session),
        claim=claim.id,
        payout=payout,
        office=claim.liable_office,
        amount_rials=bears,
        deduct_at=at + timedelta(days=terms.appeal_days),
        announced_at=at,
        version=0,
    )
    await step(session, row, "announced", by=by, at=at)


async def withdraw(session: AsyncSession, payout: UUID, *, by: str, at: datetime) -> None:
    """The payout came back: nobody bears it."""
    row = await repository.of_payout(session, payout)
    if row is not None:
        await _lift(session, row, "the payment was returned", by=by, at=at)


async def _lift(
    session: AsyncSession, row: ChargeBack, reason: str, *, by: str, at: datetime
) -> None:
    then = domain.lifted(row.status)
    row.reason, row.deduct_at = reason, at if then == "lifting" else None
    await step(session, row, then, by=by, at=at, note=reason)


async def step(
    session: AsyncSession,
    row: ChargeBack,
    status: Status,
    *,
    by: str,
    at: datetime,
    note: str | None = None,
) -> None:
    """Into a state, with its record and its event; the row is locked, or new."""
    row.status, row.updated_at = status, at
    row.version += 1
    await repository.add(session, row)
    await repository.add(
        session,
        ChargeBackStep(
            charge_back=row.id,
            version=row.version,
            status=status,
            decided_by=by,
            note=note,
            decided_at=at,
        ),
    )
    data = charge_back_event(row, at)
    await outbox.append(session, TYPES[status], data, time=at, subject=str(row.id))


async def hold_liable(
    session: AsyncSession, claim_id: UUID, said: Liability, *, caller: Caller, now: datetime
) -> ClaimOut:
    """An office answers for a claim, paid or not; another one only when that is lifted."""
    at = happened_at(caller, said.occurred_at, now)
    claim = await life.locked(session, claim_id, now)
    if await repository.stands(session, claim.id):
        raise AlreadyLiable(f"{claim.liable_office} is charged with it: have that lifted first")
    claim.liable_office = said.office
    await life.note(session, claim, said.reason, by=caller.id, at=at, event=LIABLE)
    for paid in await repository.paid(session, claim.id):
        await announce(session, claim, paid, by=caller.id, at=at)
    return await claims.shown(session, claim)


async def appeal(
    session: AsyncSession, charge_back: UUID, said: Appeal, *, caller: Caller, now: datetime
) -> ChargeBackOut:
    """The office contests it: nothing is deducted until that is ruled upon."""
    at = happened_at(caller, said.occurred_at, now)
    row = await repository.lock(session, charge_back, office=caller.office)
    if row is None:
        raise ChargeBackUnknown
    _check(row, "appealed")
    row.deduct_at, row.reason = None, said.reason
    await step(session, row, "appealed", by=caller.id, at=at, note=said.reason)
    return ChargeBackOut.model_validate(row)


async def rule(
    session: AsyncSession, charge_back: UUID, said: Ruling, *, caller: Caller, now: datetime
) -> ChargeBackOut:
    """Upheld, it is deducted; lifted, it is not, or given back where it was."""
    at = happened_at(caller, said.occurred_at, now)
    row = await repository.lock(session, charge_back)
    if row is None:
        raise ChargeBackUnknown
    appealed = [one for one in await repository.steps(session, row.id) if one.status == "appealed"]
    if caller.id in {one.decided_by for one in appealed}:
        raise Forbidden("who appealed does not rule upon it: ask another")
    if said.decision == "lift":
        _check(row, domain.lifted(row.status))
        await _lift(session, row, said.reason, by=caller.id, at=at)
    else:
        _check(row, "due")
        row.deduct_at, row.reason = at, said.reason
        await step(session, row, "due", by=caller.id, at=at, note=said.reason)
    return ChargeBackOut.model_validate(row)


def _check(row: ChargeBack, then: Status) -> None:
    if not domain.may(row.status, then):
        raise ChargeBackState(f"the charge back is {row.status}: it cannot become {then}")


async def get(session: AsyncSession, charge_back: UUID, *, caller: Caller) -> ChargeBackWithSteps:
    row = await repository.lock(session, charge_back, office=caller.office)
    if row is None:
        raise ChargeBackUnknown
    steps = [HistoryOut.model_validate(one) for one in await repository.steps(session, row.id)]
    return ChargeBackWithSteps(**ChargeBackOut.model_validate(row).model_dump(), steps=steps)


async def listing(
    session: AsyncSession, wanted: Filter, page: Page, *, caller: Caller
) -> tuple[list[ChargeBackOut], str | None]:
    """Staff of an office see their office's."""
    seen = Filter(caller.office or wanted.office, wanted.status)
    rows = await repository.listing(session, seen, page.after_uuid(), page.limit + 1)
    shown, cursor = cut(rows, page, lambda row: [str(row.id)])
    return [ChargeBackOut.model_validate(row) for row in shown], cursor
