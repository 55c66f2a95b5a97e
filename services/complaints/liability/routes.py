"""Assessment and liability over HTTP."""

from typing import Annotated, Final

from fastapi import APIRouter, Body, Depends

from services.complaints.cases.domain import parse_number
from services.complaints.cases.routes import WRITES, Number, scope
from services.complaints.dependencies import (
    Answerer,
    Database,
    Now,
    Reader,
    Said,
    Session,
    SistersOf,
)
from services.complaints.liability import service
from services.complaints.liability.schemas import AssessRequest, Decision, LiabilityBody
from shared.errors import responses

router = APIRouter(prefix="/v1/complaints/{number}", tags=["complaints"])

ANSWER: Final = scope("complaints:answer")


async def _asking(database: Database, sisters: SistersOf) -> service.Asking:
    return service.Asking(database, sisters)


AskingOf = Annotated[service.Asking, Depends(_asking)]


@router.post(
    "/assessment",
    status_code=201,
    operation_id="assess_complaint",
    responses=WRITES,
    openapi_extra=ANSWER,
)
async def assess(
    session: Session,
    asking: AskingOf,
    number: Number,
    caller: Answerer,
    now: Now,
    body: AssessRequest,
    once: Said,
) -> LiabilityBody:
    """How severe it is; from the parcel's custody follows a proposal of who is liable."""
    case = parse_number(number)
    return await service.assess(session, asking, case, caller, body, once, now)


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
    responses=responses(400, 401, 403, 404, 409, 422, 503),
    openapi_extra=ANSWER,
)
async def propose(
    session: Session,
    asking: AskingOf,
    number: Number,
    caller: Answerer,
    now: Now,
    once: Said,
) -> LiabilityBody:
    """Propose again, by what is known of the parcel now."""
    case = parse_number(number)
    return await service.propose(session, asking, case, caller, once, now)


@router.post(
    "/liability",
    status_code=201,
    operation_id="decide_complaint_liability",
    responses=WRITES,
    openapi_extra=ANSWER,
)
async def decide(
    session: Session,
    asking: AskingOf,
    number: Number,
    caller: Answerer,
    now: Now,
    body: Annotated[Decision, Body()],
    once: Said,
) -> LiabilityBody:
    """Confirm the newest proposal, or overrule it with a reason."""
    case = parse_number(number)
    return await service.decide(session, asking, case, caller, body, once, now)
