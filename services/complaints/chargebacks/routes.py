"""HTTP of charges back to offices: the office appeals, others rule."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.complaints.chargebacks import service
from services.complaints.chargebacks.domain import Status
from services.complaints.chargebacks.repository import Filter
from services.complaints.chargebacks.schemas import (
    Appeal,
    ChargeBackOut,
    ChargeBackWithSteps,
    Liability,
    Ruling,
)
from services.complaints.claims.schemas import ClaimOut
from services.complaints.dependencies import (
    Answerer,
    Command,
    Decider,
    Effect,
    Now,
    Page,
    Reader,
    Session,
    answer_once,
)
from shared.errors import responses
from shared.fields import OfficeCode
from shared.pagination import PageBody, link_next

router = APIRouter(prefix="/v1/charge-backs", tags=["compensation"])
liability = APIRouter(prefix="/v1/claims", tags=["compensation"])

READ: Final = "complaints:read"


def _command(scope: str) -> dict[str, Any]:
    return {
        "response_model": ChargeBackOut,
        "responses": responses(400, 401, 403, 404, 409, 413, 422, 503),
        "openapi_extra": {"x-scope": scope},
    }


@router.get(
    "",
    operation_id="list_charge_backs",
    responses=responses(401, 403, 422, 503),
    openapi_extra={"x-scope": READ},
)
async def list_charge_backs(
    request: Request,
    response: Response,
    page: Page,
    caller: Reader,
    session: Session,
    office: Annotated[OfficeCode | None, Query()] = None,
    status: Status | None = None,
) -> PageBody[ChargeBackOut]:
    """Newest first; staff of an office see their office's."""
    found, cursor = await service.listing(session, Filter(office, status), page, caller=caller)
    link_next(request, response, cursor)
    return PageBody[ChargeBackOut](items=found, next=cursor)


@router.get(
    "/{charge_back}",
    operation_id="get_charge_back",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra={"x-scope": READ},
)
async def get_charge_back(
    charge_back: UUID, caller: Reader, session: Session
) -> ChargeBackWithSteps:
    """A charge back with every step on its way: who, when, why."""
    return await service.get(session, charge_back, caller=caller)


@router.post(
    "/{charge_back}/appeal",
    operation_id="appeal_charge_back",
    **_command("complaints:answer"),
)
async def appeal_charge_back(
    charge_back: UUID, body: Appeal, caller: Answerer, session: Session, now: Now, once: Command
) -> Response:
    """The office contests it, before the deduction: it waits for a ruling."""
    return await answer_once(
        session,
        once,
        lambda: service.appeal(session, charge_back, body, caller=caller, now=now),
        status=200,
    )


@router.post(
    "/{charge_back}/ruling", operation_id="rule_on_charge_back", **_command("claims:decide")
)
async def rule_on_charge_back(
    charge_back: UUID, body: Ruling, caller: Decider, session: Session, now: Now, once: Command
) -> Response:
    """Uphold it or lift it; what was deducted already is given back."""
    return await answer_once(
        session,
        once,
        lambda: service.rule(session, charge_back, body, caller=caller, now=now),
        status=200,
    )


@liability.post(
    "/{claim_id}/liability",
    operation_id="hold_office_liable",
    response_model=ClaimOut,
    responses=responses(400, 401, 403, 404, 409, 413, 422, 503),
    openapi_extra={"x-scope": "complaints:answer"},
)
async def hold_office_liable(
    claim_id: UUID, body: Liability, caller: Answerer, session: Session, now: Now, once: Effect
) -> Response:
    """Name the office that answers for a claim; what is paid already is charged back to it."""
    return await answer_once(
        session,
        once,
        lambda: service.hold_liable(session, claim_id, body, caller=caller, now=now),
        status=200,
    )
