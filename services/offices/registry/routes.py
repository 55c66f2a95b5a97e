"""HTTP of the registry."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from services.offices.dependencies import (
    WRITE,
    Effect,
    Now,
    Page,
    Session,
    Settings,
    Writer,
    answer_once,
    shown,
)
from services.offices.registry import repository, service
from services.offices.registry.domain import Capability, Kind, Status
from services.offices.registry.repository import Filters, Sort
from services.offices.registry.schemas import (
    NewOffice,
    OfficeOut,
    Slug,
    Suspension,
    TownsOut,
)
from shared.errors import responses
from shared.fields import Instant, OfficeCode
from shared.pagination import PageBody, link_next

towns = APIRouter(prefix="/v1/towns", tags=["offices"])
router = APIRouter(prefix="/v1/offices", tags=["offices"])

PUBLIC = {"x-scope": "public"}
WRITERS = {"x-scope": WRITE}


@towns.get("", operation_id="list_towns", responses=responses(401, 503), openapi_extra=PUBLIC)
async def list_towns(session: Session) -> TownsOut:
    return TownsOut.model_validate({"items": await repository.towns(session)})


@router.post(
    "",
    operation_id="create_office",
    status_code=201,
    response_model=OfficeOut,
    responses=responses(400, 401, 403, 409, 413, 422, 503),
    openapi_extra=WRITERS,
)
async def create_office(
    body: NewOffice,
    caller: Writer,
    session: Session,
    settings: Settings,
    now: Now,
    effect: Effect,
) -> Response:
    prefix = settings.code_prefix
    answer = await service.create(session, body, caller=caller, prefix=prefix, once=effect, now=now)
    return answer.response()


async def _filters(
    kind: Kind | None = None,
    town: Slug | None = None,
    county: Slug | None = None,
    status: Status | None = None,
    capability: Capability | None = None,
    sorting_centre: OfficeCode | None = None,
    changed_since: Instant | None = None,
) -> Filters:
    return Filters(kind, town, county, status, capability, sorting_centre, changed_since)


@router.get(
    "",
    operation_id="list_offices",
    responses=responses(401, 422, 503),
    openapi_extra=PUBLIC,
)
async def list_offices(
    request: Request,
    response: Response,
    page: Page,
    session: Session,
    wanted: Annotated[Filters, Depends(_filters)],
    sort: Annotated[Sort, Query(description="By name: the Persian alphabet.")] = "code",
) -> PageBody[OfficeOut]:
    offices, following = await service.listing(session, wanted, sort, page)
    link_next(request, response, following)
    return PageBody[OfficeOut](
        items=[OfficeOut.model_validate(office) for office in offices], next=following
    )


@router.get(
    "/{code}",
    operation_id="get_office",
    responses=responses(401, 404, 422, 503),
    openapi_extra=PUBLIC,
)
async def get_office(code: OfficeCode, session: Session) -> OfficeOut:
    return OfficeOut.model_validate(await repository.get(session, code))


CHANGE: dict[str, Any] = {
    "responses": responses(400, 401, 403, 404, 409, 413, 422, 503),
    "openapi_extra": WRITERS,
}


@router.post("/{code}/suspend", operation_id="suspend_office", response_model=OfficeOut, **CHANGE)
async def suspend_office(
    code: OfficeCode, body: Suspension, caller: Writer, session: Session, now: Now, effect: Effect
) -> Response:
    return await answer_once(
        session,
        effect,
        lambda: shown(
            OfficeOut, service.suspend(session, code, body.reason, caller=caller, now=now)
        ),
        status=200,
    )
