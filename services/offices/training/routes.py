"""HTTP of training."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.offices.dependencies import (
    Caller,
    Effect,
    Now,
    Page,
    Session,
    answer_once,
    require,
    shown,
)
from services.offices.training import service
from services.offices.training.repository import Filters
from services.offices.training.schemas import (
    CertificateOut,
    CourseChange,
    CourseCode,
    CourseOut,
    NewCertificate,
    NewCourse,
    Withdrawal,
)
from services.offices.workforce.schemas import PersonnelNumber
from shared.errors import responses
from shared.fields import Day
from shared.pagination import PageBody, link_next

router = APIRouter(prefix="/v1/workforce", tags=["workforce"])

READ, WRITE = "workforce:read", "workforce:write"
Reader = Annotated[Caller, Depends(require(READ))]
Writer = Annotated[Caller, Depends(require(WRITE))]

READERS = {"x-scope": READ}
WRITERS = {"x-scope": WRITE}
CREATE: dict[str, Any] = {
    "status_code": 201,
    "responses": responses(400, 401, 403, 404, 409, 413, 422, 503),
    "openapi_extra": WRITERS,
}


@router.get(
    "/courses",
    operation_id="list_courses",
    responses=responses(401, 403, 422, 503),
    openapi_extra=READERS,
)
async def list_courses(
    request: Request, response: Response, page: Page, session: Session, _: Reader
) -> PageBody[CourseOut]:
    courses, following = await service.courses(session, page)
    link_next(request, response, following)
    items = [CourseOut.model_validate(course) for course in courses]
    return PageBody[CourseOut](items=items, next=following)


@router.post("/courses", operation_id="create_course", response_model=CourseOut, **CREATE)
async def create_course(
    body: NewCourse, _: Writer, session: Session, now: Now, effect: Effect
) -> Response:
    return (await service.add_course(session, body, once=effect, now=now)).response()


@router.patch(
    "/courses/{course}",
    operation_id="change_course",
    responses=responses(400, 401, 403, 404, 413, 422, 503),
    openapi_extra=WRITERS,
)
async def change_course(
    course: CourseCode, body: CourseChange, _: Writer, session: Session, now: Now
) -> CourseOut:
    return CourseOut.model_validate(await service.change_course(session, course, body, now=now))


async def _filters(
    expires_from: Day | None = None,
    expires_before: Annotated[Day | None, Query(description="Before this day.")] = None,
    course: CourseCode | None = None,
) -> Filters:
    return Filters(expires_from, expires_before, course)


@router.get(
    "/certificates",
    operation_id="list_expiring_certificates",
    responses=responses(401, 403, 422, 503),
    openapi_extra=READERS,
)
async def list_expiring_certificates(
    request: Request,
    response: Response,
    page: Page,
    session: Session,
    caller: Reader,
    now: Now,
    wanted: Annotated[Filters, Depends(_filters)],
) -> PageBody[CertificateOut]:
    """Certificates in force that expire, the soonest first; renewed ones are left out."""
    certificates, following = await service.expiring(session, wanted, page, caller=caller, now=now)
    link_next(request, response, following)
    items = [CertificateOut.model_validate(one) for one in certificates]
    return PageBody[CertificateOut](items=items, next=following)


@router.post(
    "/certificates", operation_id="record_certificate", response_model=CertificateOut, **CREATE
)
async def record_certificate(
    body: NewCertificate, caller: Writer, session: Session, now: Now, effect: Effect
) -> Response:
    answer = await service.certify(session, body, caller=caller, once=effect, now=now)
    return answer.response()


@router.post(
    "/certificates/{certificate_id}/withdraw",
    operation_id="withdraw_certificate",
    response_model=CertificateOut,
    responses=responses(400, 401, 403, 404, 409, 413, 422, 503),
    openapi_extra=WRITERS,
)
async def withdraw_certificate(
    certificate_id: UUID, body: Withdrawal, _: Writer, session: Session, now: Now, effect: Effect
) -> Response:
    return await answer_once(
        session,
        effect,
        lambda: shown(
            CertificateOut, service.withdraw(session, certificate_id, body.reason, now=now)
        ),
        status=200,
    )


@router.get(
    "/people/{personnel_number}/certificates",
    operation_id="list_certificates_of_person",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra=READERS,
)
async def list_certificates_of_person(
    personnel_number: PersonnelNumber,
    request: Request,
    response: Response,
    page: Page,
    session: Session,
    caller: Reader,
    now: Now,
) -> PageBody[CertificateOut]:
    certificates, following = await service.of_person(
        session, personnel_number, page, caller=caller, now=now
    )
    link_next(request, response, following)
    items = [CertificateOut.model_validate(one) for one in certificates]
    return PageBody[CertificateOut](items=items, next=following)
