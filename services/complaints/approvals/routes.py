"""HTTP of approvals."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from services.complaints.approvals import service
from services.complaints.approvals.schemas import Approval
from services.complaints.claims.schemas import ClaimOut
from services.complaints.dependencies import Caller, Command, Now, Session, answer_once, require
from shared.errors import responses

router = APIRouter(prefix="/v1/claims", tags=["compensation"])

DECIDE = "claims:decide"


@router.post(
    "/{claim_id}/approvals",
    operation_id="approve_claim",
    response_model=ClaimOut,
    responses=responses(400, 401, 403, 404, 409, 413, 422, 503),
    openapi_extra={"x-scope": DECIDE},
)
async def approve_claim(
    claim_id: UUID,
    body: Approval,
    caller: Annotated[Caller, Depends(require(DECIDE))],
    session: Session,
    now: Now,
    once: Command,
) -> Response:
    """Approve a proposed amount; above the rules' threshold it takes two people."""
    return await answer_once(
        session,
        once,
        lambda: service.approve(session, claim_id, body, caller=caller, now=now),
        status=200,
    )
