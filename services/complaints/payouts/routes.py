"""HTTP of payouts: for whoever may see the claim."""

from uuid import UUID

from fastapi import APIRouter, Response

from services.complaints.claims.routes import Secret
from services.complaints.dependencies import Caller, Session
from services.complaints.payouts import service
from services.complaints.payouts.schemas import PayoutsOut
from shared.errors import responses

router = APIRouter(prefix="/v1/claims", tags=["compensation"])


@router.get(
    "/{claim_id}/payouts",
    operation_id="list_claim_payouts",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra={"x-scope": "public"},
)
async def list_claim_payouts(
    claim_id: UUID, caller: Caller, session: Session, response: Response, secret: Secret = None
) -> PayoutsOut:
    """A claim's transfers in order, with the bank's trace numbers; one at most is live."""
    response.headers["Cache-Control"] = "no-store"
    return await service.of_claim(session, claim_id, secret, caller=caller)
