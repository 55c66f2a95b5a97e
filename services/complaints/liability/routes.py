"""Assessment and liability over HTTP."""

from typing import Annotated, Final

from fastapi import APIRouter, Body

from services.complaints.cases.domain import parse_number
from services.complaints.cases.routes import WRITES, Number, scope
from services.complaints.dependencies import Answerer, Database, Now, Reader, Session, SistersOf
from services.complaints.liability import service
from services.complaints.liability.schemas import AssessRequest, Decision, LiabilityBody
from shared.errors import responses

router = APIRouter(prefix="/v1/complaints/{number}", tags=["complaints"])

ANSWER: Final = scope("complaints:answer")


@router.post(
    "/assessment",
    status_code=201,
    operation_id="assess_complaint",
    responses=WRITES,
    openapi_extra=ANSWER,
)
async def assess(
    session: Session,
    database: Database,
    sisters: SistersOf,
    number: Number,
    caller: Answerer,
    now: Now,
    body: AssessRequest,
) -> LiabilityBody:
    """How severe it is; from the parcel's custody follows a proposal of who is liable."""
    case = parse_number(number)
    return await service.assess(session, database, sisters, case, caller, body, now)


@router.get(
    "/liability",
    operation_id="get_complaint_liability",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra=scope("complaints:read"),
)
async def liability(session: Session, number: Number, _: Reader) -> LiabilityBody:
    """Who is liable, and all that was proposed and decided."""
    return await service.shown(session, parse_number(number))


@router.post(
    "/liability/proposals",
    status_code=201,
    operation_id="propose_complaint_liability",
    responses=responses(401, 403, 404, 409, 422, 503),
    openapi_extra=ANSWER,
)
async def propose(
    session: Session,
    database: Database,
    sisters: SistersOf,
    number: Number,
    caller: Answerer,
    now: Now,
) -> LiabilityBody:
    """Propose again, by what is known of the parcel now."""
    return await service.propose(session, database, sisters, parse_number(number), caller, now)


@router.post(
    "/liability",
    status_code=201,
    operation_id="decide_complaint_liability",
    responses=WRITES,
    openapi_extra=ANSWER,
)
async def decide(
    session: Session,
    database: Database,
    sisters: SistersOf,
    number: Number,
    caller: Answerer,
    now: Now,
    body: Annotated[Decision, Body()],
) -> LiabilityBody:
    """Confirm the newest proposal, or overrule it with a reason."""
    case = parse_number(number)
    return await service.decide(session, database, sisters, case, caller, body, now)
