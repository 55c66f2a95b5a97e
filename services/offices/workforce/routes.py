"""HTTP of the workforce."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.offices.dependencies import Caller, Effect, Now, Page, Session, answer_once, require
from services.offices.registry.domain import Kind as OfficeKind
from services.offices.workforce import service
from services.offices.workforce.domain import Employment, Role
from services.offices.workforce.repository import Filters
from services.offices.workforce.schemas import (
    AtWorkOut,
    DetailsChange,
    Ending,
    HeadcountOut,
    ImportOut,
    NewAssignment,
    NewPerson,
    PeopleImport,
    PersonFullOut,
    PersonnelNumber,
    PersonOut,
    VocabularyOut,
    Voiding,
)
from shared.body import Body, body_extra, json_body
from shared.calendar import tehran_date
from shared.errors import responses
from shared.fields import Day, OfficeCode
from shared.pagination import PageBody, link_next

router = APIRouter(prefix="/v1/workforce", tags=["workforce"])
statistics = APIRouter(prefix="/v1/statistics", tags=["workforce"])

READ, WRITE, REPORTS = "workforce:read", "workforce:write", "reports:read"
Reader = Annotated[Caller, Depends(require(READ))]
Writer = Annotated[Caller, Depends(require(WRITE))]
AssignmentId = Annotated[int, Path(ge=1, lt=2**63)]

READERS = {"x-scope": READ}
WRITERS = {"x-scope": WRITE}
CHANGE: dict[str, Any] = {
    "responses": responses(400, 401, 403, 404, 409, 413, 422, 503),
    "openapi_extra": WRITERS,
}


@router.get(
    "/vocabulary",
    operation_id="workforce_vocabulary",
    responses=responses(401, 503),
    openapi_extra={"x-scope": "public"},
)
async def workforce_vocabulary() -> VocabularyOut:
    """Employments and roles with their labels, and where people of an employment work."""
    return service.vocabulary()


@router.post(
    "/people",
    operation_id="hire_person",
    status_code=201,
    response_model=PersonOut,
    responses=responses(400, 401, 403, 409, 413, 422, 503),
    openapi_extra=WRITERS,
)
async def hire_person(
    body: NewPerson, caller: Writer, session: Session, now: Now, effect: Effect
) -> Response:
    answer = await service.hire(session, body, caller=caller, once=effect, now=now)
    return answer.response()


@router.post(
    "/people/import",
    operation_id="import_people",
    response_model=ImportOut,
    responses=responses(400, 401, 403, 409, 413, 422, 503),
    openapi_extra={**WRITERS, **body_extra(PeopleImport)},
)
async def import_people(
    body: Annotated[Body[PeopleImport], Depends(json_body(PeopleImport))],
    caller: Writer,
    session: Session,
    now: Now,
    effect: Effect,
) -> Response:
    """Up to 1,000 rows, each with its result; the same row again is `unchanged`."""
    answer = await service.take_in(session, body.value.rows, caller=caller, once=effect, now=now)
    return answer.response()


async def _filters(
    *,
    now: Now,
    on: Annotated[Day | None, Query(description="Who works where on this day; today.")] = None,
    office: OfficeCode | None = None,
    employment: Employment | None = None,
    role: Role | None = None,
    kind: Annotated[OfficeKind | None, Query(description="Of the office, on that day.")] = None,
    main: Annotated[bool, Query(description="False: assignments beside the main one.")] = True,
) -> Filters:
    return Filters(on or tehran_date(now), main, office, employment, role, kind)


@router.get(
    "/people",
    operation_id="list_people",
    responses=responses(401, 403, 422, 503),
    openapi_extra=READERS,
)
async def list_people(
    request: Request,
    response: Response,
    page: Page,
    session: Session,
    caller: Reader,
    wanted: Annotated[Filters, Depends(_filters)],
) -> PageBody[AtWorkOut]:
    people, following = await service.listing(session, wanted, page, caller=caller)
    link_next(request, response, following)
    return PageBody[AtWorkOut](items=people, next=following)


@router.get(
    "/people/{personnel_number}",
    operation_id="get_person",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra=READERS,
)
async def get_person(
    personnel_number: PersonnelNumber, caller: Reader, session: Session, now: Now
) -> PersonFullOut:
    return await service.get(session, personnel_number, caller=caller, now=now)


@router.patch("/people/{personnel_number}", operation_id="change_person", **CHANGE)
async def change_person(
    personnel_number: PersonnelNumber,
    body: DetailsChange,
    caller: Writer,
    session: Session,
    now: Now,
) -> PersonFullOut:
    return await service.change(session, personnel_number, body, caller=caller, now=now)


@router.post(
    "/people/{personnel_number}/assignments",
    operation_id="assign_person",
    status_code=201,
    response_model=PersonOut,
    **CHANGE,
)
async def assign_person(
    personnel_number: PersonnelNumber,
    body: NewAssignment,
    caller: Writer,
    session: Session,
    now: Now,
    effect: Effect,
) -> Response:
    """A transfer, where it is the main assignment: the open-ended one ends the day before."""
    answer = await service.assign(
        session, personnel_number, body, caller=caller, once=effect, now=now
    )
    return answer.response()


@router.post(
    "/people/{personnel_number}/assignments/{assignment_id}/end",
    operation_id="end_assignment",
    response_model=PersonOut,
    **CHANGE,
)
async def end_assignment(
    personnel_number: PersonnelNumber,
    assignment_id: AssignmentId,
    body: Ending,
    caller: Writer,
    session: Session,
    now: Now,
    effect: Effect,
) -> Response:
    return await answer_once(
        session,
        effect,
        lambda: service.end_assignment(
            session, personnel_number, assignment_id, body, caller=caller, now=now
        ),
        status=200,
    )


@router.post(
    "/people/{personnel_number}/assignments/{assignment_id}/void",
    operation_id="void_assignment",
    response_model=PersonOut,
    **CHANGE,
)
async def void_assignment(
    personnel_number: PersonnelNumber,
    assignment_id: AssignmentId,
    body: Voiding,
    caller: Writer,
    session: Session,
    now: Now,
    effect: Effect,
) -> Response:
    """What was recorded by mistake: it stays on record and counts nowhere."""
    return await answer_once(
        session,
        effect,
        lambda: service.void_assignment(
            session, personnel_number, assignment_id, body.reason, caller=caller, now=now
        ),
        status=200,
    )


@router.post(
    "/people/{personnel_number}/end", operation_id="end_person", response_model=PersonOut, **CHANGE
)
async def end_person(
    personnel_number: PersonnelNumber,
    body: Ending,
    caller: Writer,
    session: Session,
    now: Now,
    effect: Effect,
) -> Response:
    """The person leaves: every assignment ends."""
    return await answer_once(
        session,
        effect,
        lambda: service.leave(session, personnel_number, body, caller=caller, now=now),
        status=200,
    )


@router.post(
    "/people/{personnel_number}/erase",
    operation_id="erase_person",
    responses=responses(401, 403, 404, 409, 413, 422, 503),
    openapi_extra=WRITERS,
)
async def erase_person(
    personnel_number: PersonnelNumber, caller: Writer, session: Session, now: Now
) -> PersonOut:
    """Forget name, national id and phone of someone who left; the history stays."""
    return await service.erase(session, personnel_number, caller=caller, now=now)


@statistics.get(
    "/workforce",
    operation_id="workforce_headcount",
    responses=responses(401, 403, 422, 503),
    openapi_extra={"x-scope": REPORTS},
)
async def workforce_headcount(
    session: Session,
    now: Now,
    _: Annotated[Caller, Depends(require(REPORTS))],
    on: Annotated[Day | None, Query(description="A day, Gregorian; today.")] = None,
) -> HeadcountOut:
    return await service.headcount(session, on, now)
