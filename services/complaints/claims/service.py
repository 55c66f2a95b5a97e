"""Use cases of claims: open, name the account, assess, add to, decline, look at.

Nobody asks a sister while a transaction is open: parcels is asked before it, or by the worker.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.cases import repository as cases
from services.complaints.cases.domain import parse_number
from services.complaints.cases.errors import CaseUnknown
from services.complaints.claims import domain, life, repository
from services.complaints.claims.domain import Origin
from services.complaints.claims.errors import (
    ClaimExists,
    ClaimState,
    ClaimUnknown,
    NothingDue,
    TooManyClaims,
)
from services.complaints.claims.models import Claim
from services.complaints.claims.repository import Filter
from services.complaints.claims.schemas import (
    ApprovalOut,
    Assessment,
    ClaimOut,
    Decision,
    HistoryOut,
    NewClaim,
    PayeeIn,
    PayeeOut,
    PayeeRequest,
    StaffClaimOut,
    SummaryOut,
    Supplement,
)
from services.complaints.clients import ParcelFacts, Payments, SisterDownError
from shared import idempotency
from shared.auth import Caller
from shared.clock import happened_at
from shared.errors import Forbidden, Invalid, Unavailable
from shared.idempotency import Answer, Once
from shared.pagination import Page, cut

log = structlog.get_logger(__name__)

CLAIMS_MAX: Final = 50
"""Of a parcel, declined ones too."""
OFFICER: Final = "complaints:answer"
STAFF: Final = "complaints:read"
PARTNER: Final = "parcels:read"
FRESH: Final = frozenset({"cod_not_remitted", "delay", "return_without_cause"})
"""Causes whose facts change: parcels is asked again before they are assessed."""


@dataclass(frozen=True, slots=True)
class Claimant:
    """Who asks; `by` is what the record says of him."""

    origin: Origin
    by: str
    case: str | None = None


async def ask(payments: Payments, barcode: str) -> ParcelFacts | None:
    """None: the sister is down. Never inside a transaction."""
    try:
        found = await payments.facts(barcode)
    except SisterDownError as error:
        log.warning("claim_facts_not_asked", error=str(error)[:300])
        return None
    if found is None:
        raise Invalid.field("body.barcode", "No parcel has this barcode", "unknown_parcel")
    return found


async def open_claim(
    session: AsyncSession,
    payments: Payments,
    wanted: NewClaim,
    secret: str | None,
    *,
    caller: Caller,
    once: Once | None,
    now: datetime,
) -> Answer:
    """The claim of a parcel and cause; one that opened itself is joined."""
    at = happened_at(caller, wanted.occurred_at, now)
    facts = await ask(payments, wanted.barcode)  # before the session's first statement
    claimant = await _claimant(session, caller, wanted, secret, facts)

    async def make() -> tuple[str, ClaimOut]:
        await repository.lock_item(session, wanted.barcode, now)
        claim = await repository.standing(session, wanted.barcode, wanted.cause)
        if claim is None:
            await _check_count(session, wanted.barcode)
            claim = await _open(session, claimant, wanted, facts, (at, now))
        else:
            await _join(session, claim, claimant, wanted.payee, at)
        return f"/v1/claims/{claim.id}", await shown(session, claim)

    return await idempotency.created(session, once, make)


async def _check_count(session: AsyncSession, barcode: str) -> None:
    if await repository.count(session, barcode) >= CLAIMS_MAX:
        raise TooManyClaims(f"a parcel has at most {CLAIMS_MAX} claims: have one assessed anew")


async def _claimant(
    session: AsyncSession,
    caller: Caller,
    wanted: NewClaim,
    secret: str | None,
    facts: ParcelFacts | None,
) -> Claimant:
    if OFFICER in caller.scopes:
        if wanted.case is not None:
            await _check_case(session, wanted, cases.Access(staff=True))
        return Claimant("officer", caller.id, wanted.case)
    if secret is not None:
        await _check_case(session, wanted, cases.Access(staff=False, secret=secret))
        if wanted.cause == "cod_not_remitted":
            raise Forbidden("cash on delivery is its sender's: the sender asks for it")
        return Claimant("person", f"case {wanted.case}", wanted.case)
    if PARTNER in caller.scopes:
        return _as_partner(caller, facts)
    caller.require(OFFICER)
    raise Forbidden(f"this needs a case's secret, or the scope {OFFICER}")


def _as_partner(caller: Caller, facts: ParcelFacts | None) -> Claimant:
    if facts is None:
        raise Unavailable("whose parcel it is cannot be seen now: try again shortly")
    if facts.partner != caller.account:
        raise Invalid.field("body.barcode", "No parcel has this barcode", "unknown_parcel")
    return Claimant("partner", caller.id)


async def _check_case(session: AsyncSession, wanted: NewClaim, access: cases.Access) -> None:
    if wanted.case is None:
        raise Invalid.field("body.case", "Say the number of the case")
    case = await cases.find(session, parse_number(wanted.case), access)
    if case.barcode != wanted.barcode:
        raise Invalid.field("body.barcode", "The case is about another subject")


async def _open(
    session: AsyncSession,
    claimant: Claimant,
    wanted: NewClaim,
    facts: ParcelFacts | None,
    when: tuple[datetime, datetime],
) -> Claim:
    at, now = when
    officer = claimant.origin == "officer"
    claim = Claim(
        id=await repository.new_id(session),
        barcode=wanted.barcode,
        cause=wanted.cause,
        origin=claimant.origin,
        case_number=claimant.case,
        contents=wanted.contents,
        asked_rials=None if officer else wanted.loss_rials,
        loss_rials=wanted.loss_rials if officer else None,
        liable_office=wanted.liable_office if officer else None,
        opened_by=claimant.by,
        proposed_by=claimant.by if officer else None,
        backfill=wanted.occurred_at is not None,
    )
    return await life.start(session, claim, facts, (at, now), payee=wanted.payee)


async def _join(
    session: AsyncSession, claim: Claim, claimant: Claimant, payee: PayeeIn | None, at: datetime
) -> None:
    """Nobody has to ask for what opened itself: who does all the same names the account."""
    own = claimant.case is not None and claim.case_number == claimant.case
    if claim.origin != "itself" or not (claim.case_number is None or own):
        raise ClaimExists(f"it is the claim {claim.id}, {claim.status}")
    claim.case_number = claimant.case or claim.case_number
    if payee is not None:
        await _name_payee(session, claim, payee, claimant.by, at)


async def _check_access(
    session: AsyncSession, claim: Claim | None, caller: Caller, secret: str | None, scope: str
) -> Claimant:
    """Staff with a scope, the partner whose it is, or who has the secret of its case."""
    if claim is None:
        raise ClaimUnknown
    if scope in caller.scopes:
        return Claimant("officer", caller.id)
    if PARTNER in caller.scopes and claim.partner == caller.account:
        return Claimant("partner", caller.id)
    if secret is not None and claim.case_number is not None:
        access = cases.Access(staff=False, secret=secret)
        try:
            await cases.find(session, parse_number(claim.case_number), access)
        except CaseUnknown:
            raise ClaimUnknown from None
        return Claimant("person", f"case {claim.case_number}")
    raise ClaimUnknown


async def give_payee(
    session: AsyncSession,
    claim_id: UUID,
    wanted: PayeeRequest,
    secret: str | None,
    *,
    caller: Caller,
    now: datetime,
) -> ClaimOut:
    """The account to be paid. What was approved for another one is to be approved again."""
    known = await repository.get(session, claim_id)
    claimant = await _check_access(session, known, caller, secret, OFFICER)
    at = happened_at(caller, wanted.occurred_at, now)
    claim = await life.locked(session, claim_id, now)
    await _name_payee(session, claim, wanted, claimant.by, at)
    return await shown(session, claim)


async def _name_payee(
    session: AsyncSession, claim: Claim, payee: PayeeIn, by: str, at: datetime
) -> None:
    if claim.status not in domain.OPEN | domain.UNPAID:
        raise ClaimState(f"the claim is {claim.status}: its account cannot change now")
    known = await repository.payee(session, claim.id)
    if known is not None and (known.sheba, known.holder_name) == (payee.sheba, payee.holder_name):
        return
    await life.set_payee(session, claim, payee, by, at)
    if claim.amount_rials and claim.status != "reopened":
        await life.work_out(session, claim, by=by, at=at, note="payee")


async def assess(
    session: AsyncSession, claim_id: UUID, wanted: Assessment, *, caller: Caller, now: datetime
) -> ClaimOut:
    """What an officer found: computed anew, proposed by him."""
    at = happened_at(caller, wanted.occurred_at, now)
    claim = await life.locked(session, claim_id, now)
    life.check(claim, "assessing")
    claim.proposed_by = caller.id
    if wanted.loss_rials is not None:
        claim.loss_rials = wanted.loss_rials
    claim.contents = wanted.contents or claim.contents
    claim.liable_office = wanted.liable_office or claim.liable_office
    if claim.facts is None or claim.cause in FRESH:
        claim.lookup_at = now
        await life.step(session, claim, "assessing", by=caller.id, at=at, note=wanted.note)
    else:
        await life.work_out(session, claim, by=caller.id, at=at, note=wanted.note)
    return await shown(session, claim)


async def supplement(
    session: AsyncSession, claim_id: UUID, wanted: Supplement, *, caller: Caller, now: datetime
) -> tuple[str, ClaimOut]:
    """A claim of its own that names the paid one; approved and paid by itself."""
    at = happened_at(caller, wanted.occurred_at, now)
    first = await life.locked(session, claim_id, now)
    if first.status != "paid":
        raise ClaimState(f"the claim is {first.status}: assess it, there is nothing to add to")
    if await repository.supplement_of(session, first.id) is not None:
        raise ClaimExists("there is a supplement to this claim: assess that one")
    payee = await repository.payee(session, first.id)
    claim = Claim(
        id=await repository.new_id(session),
        barcode=first.barcode,
        cause=first.cause,
        origin="officer",
        case_number=first.case_number,
        partner=first.partner,
        contents=first.contents,
        loss_rials=wanted.loss_rials,
        liable_office=first.liable_office,
        opened_by=caller.id,
        proposed_by=caller.id,
        supplements=first.id,
        backfill=first.backfill,
    )
    facts = ParcelFacts.model_validate(first.facts)
    same = None
    if payee is not None:
        same = PayeeIn(sheba=payee.sheba, holder_name=payee.holder_name)
    await life.start(session, claim, facts, (at, now), payee=same)
    if claim.status == "declined":
        raise NothingDue(f"{claim.reason}: the rules leave nothing to add")
    return f"/v1/claims/{claim.id}", await shown(session, claim)


async def decline(
    session: AsyncSession, claim_id: UUID, wanted: Decision, *, caller: Caller, now: datetime
) -> ClaimOut:
    """The end of a claim of which nothing is paid or on its way."""
    at = happened_at(caller, wanted.occurred_at, now)
    claim = await life.locked(session, claim_id, now)
    life.check(claim, "declined")
    claim.reason, claim.lookup_at = wanted.note, None
    await life.step(session, claim, "declined", by=caller.id, at=at, note=wanted.note)
    return await shown(session, claim)


async def read(
    session: AsyncSession, claim_id: UUID, secret: str | None, *, caller: Caller
) -> ClaimOut:
    claim = await visible(session, claim_id, secret, caller=caller)
    found = await shown(session, claim)
    if STAFF not in caller.scopes:
        return found
    own = StaffClaimOut.model_fields.keys() - ClaimOut.model_fields.keys() - {"steps", "approvals"}
    return StaffClaimOut(
        **found.model_dump(),
        **{name: getattr(claim, name) for name in own},
        steps=[HistoryOut.model_validate(row) for row in await repository.steps(session, claim_id)],
        approvals=[
            ApprovalOut.model_validate(row) for row in await repository.approvals(session, claim_id)
        ],
    )


async def visible(
    session: AsyncSession, claim_id: UUID, secret: str | None, *, caller: Caller
) -> Claim:
    claim = await repository.get(session, claim_id)
    await _check_access(session, claim, caller, secret, STAFF)
    if claim is None:
        raise ClaimUnknown
    return claim


async def listing(
    session: AsyncSession, wanted: Filter, page: Page
) -> tuple[list[SummaryOut], str | None]:
    rows = await repository.listing(session, wanted, page.after_uuid(), page.limit + 1)
    shown, cursor = cut(rows, page, lambda row: [str(row.id)])
    return [SummaryOut.model_validate(row) for row in shown], cursor


async def shown(session: AsyncSession, claim: Claim) -> ClaimOut:
    payee = await repository.payee(session, claim.id)
    facts: dict[str, Any] = {
        name: getattr(claim, name) for name in ClaimOut.model_fields if name != "payee"
    }
    masked = None
    if payee is not None:
        masked = PayeeOut(sheba_masked=_masked(payee.sheba), holder_name=payee.holder_name)
    return ClaimOut.model_validate({**facts, "payee": masked})


def _masked(sheba: str) -> str:
    """The country, the bank's number and the last four digits."""
    return f"{sheba[:2]}**{sheba[4:7]}{'*' * (len(sheba) - 11)}{sheba[-4:]}"
