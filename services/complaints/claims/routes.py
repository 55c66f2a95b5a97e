"""HTTP of claims: opened by anyone concerned, assessed by officers."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from services.complaints.cases.schemas import Barcode
from services.complaints.claims import service
from services.complaints.claims.domain import Status
from services.complaints.claims.repository import Filter
from services.complaints.claims.schemas import (
    Assessment,
    ClaimOut,
    Decision,
    NewClaim,
    PayeeRequest,
    StaffClaimOut,
    SummaryOut,
    Supplement,
)
from services.complaints.dependencies import (
    Answerer,
    Caller,
    Command,
    Decider,
    Effect,
    Now,
    Page,
    PaymentsOf,
    Reader,
    Session,
    answer_once,
    require,
)
from shared.errors import responses
from shared.idempotency import created
from shared.pagination import PageBody, link_next

router = APIRouter(prefix="/v1/claims", tags=["compensation"])
own = APIRouter(prefix="/v1/own-claims", tags=["compensation"])

PARTNER: Final = "parcels:read"
Partner = Annotated[Caller, Depends(require(PARTNER))]
Secret = Annotated[
    str | None,
    Header(alias="Susa-Case-Secret", max_length=100, description="Of the claim's case."),
]
_BODY: Final = (400, 401, 403, 404, 409, 413, 422, 503)


def _open(scope: str, *statuses: int) -> dict[str, Any]:
    return {"responses": responses(*statuses), "openapi_extra": {"x-scope": scope}}


@router.post(
    "",
    status_code=201,
    operation_id="open_claim",
    response_model=ClaimOut,
    **_open("public", *_BODY),
)
async def open_claim(
    body: NewClaim,
    caller: Caller,
    session: Session,
    payments: PaymentsOf,
    now: Now,
    once: Effect,
    secret: Secret = None,
) -> Response:
    """Ask for compensation: with a case and its secret, as the sending partner, or as an officer.

    A claim that opened itself is joined: name the account to be paid.
    """
    done = await service.open_claim(
        session, payments, body, secret, caller=caller, once=once, now=now
    )
    return done.response()


@router.get("", operation_id="list_claims", **_open("complaints:read", 401, 403, 422, 503))
async def list_claims(
    request: Request,
    response: Response,
    page: Page,
    _: Reader,
    session: Session,
    status: Status | None = None,
    barcode: Annotated[Barcode | None, Query()] = None,
) -> PageBody[SummaryOut]:
    """Newest first."""
    found, cursor = await service.listing(session, Filter(status, barcode), page)
    link_next(request, response, cursor)
    return PageBody[SummaryOut](items=found, next=cursor)


@own.get("", operation_id="list_own_claims", **_open(PARTNER, 401, 403, 422, 503))
async def list_own_claims(
    request: Request,
    response: Response,
    page: Page,
    caller: Partner,
    session: Session,
    status: Status | None = None,
) -> PageBody[SummaryOut]:
    """Of your parcels, newest first; `payee_needed` waits for the account to be paid."""
    wanted = Filter(status, partner=caller.account)
    found, cursor = await service.listing(session, wanted, page)
    link_next(request, response, cursor)
    return PageBody[SummaryOut](items=found, next=cursor)


@router.get("/{claim_id}", operation_id="get_claim", **_open("public", 401, 403, 404, 422, 503))
async def get_claim(
    claim_id: UUID, caller: Caller, session: Session, response: Response, secret: Secret = None
) -> StaffClaimOut | ClaimOut:
    """A claim and how it was worked out; staff see who decided what."""
    response.headers["Cache-Control"] = "no-store"
    return await service.read(session, claim_id, secret, caller=caller)


@router.put("/{claim_id}/payee", operation_id="give_claim_payee", **_open("public", *_BODY))
async def give_claim_payee(
    claim_id: UUID,
    body: PayeeRequest,
    caller: Caller,
    session: Session,
    now: Now,
    secret: Secret = None,
) -> ClaimOut:
    """The account (Sheba) to be paid; approvals for another one are void."""
    return await service.give_payee(session, claim_id, body, secret, caller=caller, now=now)


@router.post(
    "/{claim_id}/assessments",
    operation_id="assess_claim",
    response_model=ClaimOut,
    **_open("complaints:answer", *_BODY),
)
async def assess_claim(
    claim_id: UUID, body: Assessment, caller: Answerer, session: Session, now: Now, once: Effect
) -> Response:
    """What was lost, and who answers for it: computed anew, to be approved by others."""
    return await answer_once(
        session,
        once,
        lambda: service.assess(session, claim_id, body, caller=caller, now=now),
        status=200,
    )


@router.post(
    "/{claim_id}/supplements",
    status_code=201,
    operation_id="supplement_claim",
    response_model=ClaimOut,
    **_open("complaints:answer", *_BODY),
)
async def supplement_claim(
    claim_id: UUID, body: Supplement, caller: Answerer, session: Session, now: Now, once: Effect
) -> Response:
    """After an appeal: a claim of its own for what is due beyond what was paid."""
    made = await created(
        session,
        once,
        lambda: service.supplement(session, claim_id, body, caller=caller, now=now),
    )
    return made.response()


@router.post(
    "/{claim_id}/decline",
    operation_id="decline_claim",
    response_model=ClaimOut,
    **_open("claims:decide", *_BODY),
)
async def decline_claim(
    claim_id: UUID, body: Decision, caller: Decider, session: Session, now: Now, once: Command
) -> Response:
    """Nothing is paid; a new claim may be opened with new reasons."""
    return await answer_once(
        session,
        once,
        lambda: service.decline(session, claim_id, body, caller=caller, now=now),
        status=200,
    )
