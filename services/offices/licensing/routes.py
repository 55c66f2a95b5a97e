"""HTTP of licences."""

from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.offices.decisions import service as decisions
from services.offices.decisions.schemas import DecisionOut
from services.offices.dependencies import (
    LICENSING_DECIDE,
    LICENSING_READ,
    LICENSING_WRITE,
    WRITE,
    Effect,
    LicensingDecider,
    LicensingReader,
    LicensingWriter,
    Now,
    Page,
    Session,
    Writer,
    answer_once,
    shown,
)
from services.offices.licensing import importing, service
from services.offices.licensing.domain import LicenceKind, LicenceStatus
from services.offices.licensing.repository import Filters
from services.offices.licensing.schemas import (
    AgendaRequest,
    DecidedOut,
    DecisionRequest,
    ImportOut,
    ImportRequest,
    LicenceOut,
    LicenceRecord,
    LicenceView,
)
from services.offices.meetings.schemas import ItemOut
from services.offices.registry.schemas import OfficeOut, Slug
from shared.errors import responses
from shared.fields import Day, OfficeCode
from shared.pagination import PageBody, link_next

router = APIRouter(prefix="/v1/licences", tags=["licensing"])
offices = APIRouter(prefix="/v1/offices", tags=["offices"])

READ: Final[dict[str, Any]] = {"openapi_extra": {"x-scope": LICENSING_READ}}
COMMAND: Final[dict[str, Any]] = {
    "status_code": 201,
    "responses": responses(400, 401, 403, 404, 409, 413, 422, 503),
    "openapi_extra": {"x-scope": LICENSING_WRITE},
}


async def _filters(
    status: LicenceStatus | None = None,
    kind: LicenceKind | None = None,
    county: Slug | None = None,
    office: OfficeCode | None = None,
    expiring_before: Annotated[
        Day | None, Query(description="The last day of validity comes before this one.")
    ] = None,
) -> Filters:
    return Filters(status, kind, county, office, expiring_before)


@router.get("", operation_id="list_licences", responses=responses(401, 403, 422, 503), **READ)
async def list_licences(
    request: Request,
    response: Response,
    page: Page,
    session: Session,
    _: LicensingReader,
    wanted: Annotated[Filters, Depends(_filters)],
    sort: Literal["number", "valid_until"] = "number",
) -> PageBody[LicenceOut]:
    """By number, or by last day: those without one are left out then."""
    items, following = await service.listing(session, wanted, sort, page)
    link_next(request, response, following)
    return PageBody[LicenceOut](items=items, next=following)


@router.post(
    "/import",
    operation_id="import_licences",
    response_model=ImportOut,
    responses=responses(400, 401, 403, 409, 413, 422, 503),
    openapi_extra={"x-scope": LICENSING_DECIDE},
)
async def import_licences(
    body: ImportRequest, caller: LicensingDecider, session: Session, now: Now, effect: Effect
) -> Response:
    """Licences that are older than the system, with a result each; the same again adds nothing."""
    return await answer_once(
        session,
        effect,
        lambda: importing.import_all(session, body, by=caller.id, now=now),
        status=200,
    )


@router.get(
    "/{licence_id}",
    operation_id="get_licence",
    responses=responses(401, 403, 404, 422, 503),
    **READ,
)
async def get_licence(licence_id: UUID, session: Session, _: LicensingReader) -> LicenceView:
    """A licence, its holder, and what is decided from a day to come."""
    return await service.view(session, licence_id)


@router.get(
    "/{licence_id}/decisions",
    operation_id="list_licence_decisions",
    responses=responses(401, 403, 404, 422, 503),
    **READ,
)
async def list_licence_decisions(
    request: Request,
    response: Response,
    licence_id: UUID,
    page: Page,
    session: Session,
    _: LicensingReader,
) -> PageBody[DecisionOut]:
    """In the order they were made; each says from when it is in effect."""
    items, following = await decisions.listing(session, licence_id, page)
    link_next(request, response, following)
    return PageBody[DecisionOut](items=items, next=following)


@router.post(
    "/{licence_id}/decisions",
    operation_id="decide_licence",
    response_model=DecidedOut,
    **COMMAND | {"openapi_extra": {"x-scope": LICENSING_DECIDE}},
)
async def decide_licence(
    licence_id: UUID,
    body: DecisionRequest,
    caller: LicensingDecider,
    session: Session,
    now: Now,
    effect: Effect,
) -> Response:
    """A warning, suspension, reinstatement, revocation, renewal, or the end of an appeal.

    Each rests on the working group's item or the regulator's letter, as the kind of office asks.
    """
    return await answer_once(
        session, effect, lambda: service.decide(session, licence_id, body, caller=caller, now=now)
    )


@router.post(
    "/{licence_id}/records",
    operation_id="record_on_licence",
    response_model=DecidedOut,
    **COMMAND,
)
async def record_on_licence(
    licence_id: UUID,
    body: LicenceRecord,
    caller: LicensingWriter,
    session: Session,
    now: Now,
    effect: Effect,
) -> Response:
    """An inspection, a summons of the holder, the holder's defence or appeal."""
    return await answer_once(
        session, effect, lambda: service.record(session, licence_id, body, caller=caller, now=now)
    )


@router.post(
    "/{licence_id}/agenda",
    operation_id="put_licence_on_agenda",
    response_model=ItemOut,
    **COMMAND,
)
async def put_licence_on_agenda(
    licence_id: UUID,
    body: AgendaRequest,
    caller: LicensingWriter,
    session: Session,
    now: Now,
    effect: Effect,
) -> Response:
    """Ask the working group, at one of its meetings, for a decision on the licence."""
    return await answer_once(
        session,
        effect,
        lambda: service.put_on_agenda(session, licence_id, body, caller=caller, now=now),
    )


@offices.post(
    "/{code}/reopen",
    operation_id="reopen_office",
    response_model=OfficeOut,
    responses=responses(400, 401, 403, 404, 409, 413, 422, 503),
    openapi_extra={"x-scope": WRITE},
)
async def reopen_office(
    code: OfficeCode, caller: Writer, session: Session, now: Now, effect: Effect
) -> Response:
    """Refused while the office's licence is suspended or revoked."""
    return await answer_once(
        session,
        effect,
        lambda: shown(OfficeOut, service.reopen_office(session, code, caller=caller, now=now)),
        status=200,
    )
