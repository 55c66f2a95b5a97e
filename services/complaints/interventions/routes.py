"""HTTP of what staff does to a case's clocks."""

from typing import Any, Final

from fastapi import APIRouter

from services.complaints.cases.domain import parse_number
from services.complaints.cases.routes import Number
from services.complaints.clocks import reading
from services.complaints.clocks.schemas import ClocksOut
from services.complaints.dependencies import Answerer, Now, Said, Session, said_once
from services.complaints.interventions import service
from services.complaints.interventions.schemas import EscalationRequest, PauseRequest
from shared.errors import responses

router = APIRouter(prefix="/v1/complaints/{number}", tags=["complaints"])

SCOPE: Final = "complaints:answer"
MADE: Final[dict[str, Any]] = {
    "status_code": 201,
    "responses": responses(400, 401, 403, 404, 409, 413, 422, 503),
    "openapi_extra": {"x-scope": SCOPE},
}


@router.post("/pauses", operation_id="pause_complaint_clock", **MADE)
async def pause_complaint_clock(
    session: Session,
    number: Number,
    caller: Answerer,
    now: Now,
    once: Said,
    body: PauseRequest,
) -> ClocksOut:
    """Ask the complainant something and stop the clock until the answer, within the caps."""
    case = parse_number(number)
    return await said_once(
        session,
        once,
        lambda: service.pause(session, case, body, caller=caller, now=now),
        lambda: reading.clocks(session, case, now),
    )


@router.post(
    "/pauses/end",
    operation_id="resume_complaint_clock",
    responses=responses(400, 401, 403, 404, 409, 422, 503),
    openapi_extra={"x-scope": SCOPE},
)
async def resume_complaint_clock(
    session: Session, number: Number, caller: Answerer, now: Now, once: Said
) -> ClocksOut:
    """Wait no longer; what the complainant writes ends a pause by itself."""
    case = parse_number(number)
    return await said_once(
        session,
        once,
        lambda: service.resume(session, case, caller=caller, now=now),
        lambda: reading.clocks(session, case, now),
    )


@router.post("/escalations", operation_id="escalate_complaint", **MADE)
async def escalate_complaint(
    session: Session,
    number: Number,
    caller: Answerer,
    now: Now,
    once: Said,
    body: EscalationRequest,
) -> ClocksOut:
    """Start the clock of the level above now, with a reason."""
    case = parse_number(number)
    return await said_once(
        session,
        once,
        lambda: service.escalate(session, case, body, caller=caller, now=now),
        lambda: reading.clocks(session, case, now),
    )
