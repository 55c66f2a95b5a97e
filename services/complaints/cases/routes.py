"""The cases over HTTP."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response

from services.complaints.cases import service
from services.complaints.cases.domain import case_number, parse_number
from services.complaints.cases.repository import Filter
from services.complaints.cases.schemas import (
    AnswerRequest,
    Barcode,
    CaseBody,
    CloseRequest,
    MessageRequest,
    OpenCasesBody,
    StaffCaseBody,
    StatisticsBody,
    SummaryBody,
)
from services.complaints.dependencies import (
    Answerer,
    Caller,
    Now,
    Page,
    Reader,
    Reporter,
    Said,
    Session,
    Sister,
    said_once,
)
from services.complaints.vocabulary import Category, Channel, Severity, Stage
from shared.calendar import Period
from shared.errors import responses
from shared.fields import Instant, OfficeCode, PeriodText, checked
from shared.pagination import PageBody, link_next

router = APIRouter(prefix="/v1/complaints", tags=["complaints"])
statistics = APIRouter(prefix="/v1/statistics", tags=["statistics"])
internal = APIRouter(prefix="/internal", tags=["internal"])

Number = Annotated[
    str,
    checked(lambda text: case_number(parse_number(text)), "case_number"),
    Path(max_length=40, description="In any digits.", examples=["C-1398-0000123-6"]),
]
Secret = Annotated[
    str | None,
    Header(alias="Susa-Case-Secret", max_length=100, description="What filing the case answered."),
]
BODY: Final = (400, 401, 413, 422, 503)
"""What may be refused of any request with a body."""
WRITES: Final = responses(*BODY, 403, 404, 409)


def scope(name: str) -> dict[str, Any]:
    return {"x-scope": name}


async def wanted(
    *,
    status: Stage | None = None,
    barcode: Annotated[Barcode | None, Query()] = None,
    office: Annotated[OfficeCode | None, Query()] = None,
    officer: Annotated[UUID | None, Query(description="The account that handles it.")] = None,
    category: Category | None = None,
    channel: Channel | None = None,
    severity: Severity | None = None,
    open: Annotated[bool | None, Query(description="Not closed.")] = None,  # noqa: A002 - a parameter's name
    filed_after: Annotated[Instant | None, Query(description="Later than then.")] = None,
    filed_until: Annotated[Instant | None, Query(description="Then or before.")] = None,
) -> Filter:
    account = None if officer is None else str(officer)
    return Filter(
        status,
        barcode,
        office,
        account,
        category,
        channel,
        severity,
        open,
        filed_after,
        filed_until,
    )


@router.get(
    "",
    operation_id="list_complaints",
    responses=responses(401, 403, 422, 503),
    openapi_extra=scope("complaints:read"),
)
async def list_cases(
    request: Request,
    response: Response,
    session: Session,
    _: Reader,
    page: Page,
    filter_: Annotated[Filter, Depends(wanted)],
) -> PageBody[SummaryBody]:
    """Cases, the newest first."""
    found = await service.list_cases(session, filter_, page)
    link_next(request, response, found.next)
    return found


@router.get(
    "/{number}",
    operation_id="get_complaint",
    responses=responses(401, 404, 422, 503),
    openapi_extra=scope("public"),
)
async def read(
    session: Session, number: Number, caller: Caller, response: Response, secret: Secret = None
) -> StaffCaseBody | CaseBody:
    """A case and its thread, with its secret or as staff with the scope `complaints:read`."""
    # no cache knows our header, and would answer the next one who asks without it
    response.headers["Cache-Control"] = "no-store"
    return await service.read(session, parse_number(number), caller, secret)


@router.post(
    "/{number}/messages",
    status_code=201,
    operation_id="write_complaint_message",
    responses=WRITES,
    openapi_extra=scope("public"),
)
async def write_message(
    session: Session,
    number: Number,
    caller: Caller,
    now: Now,
    body: MessageRequest,
    once: Said,
    secret: Secret = None,
) -> CaseBody:
    """The complainant writes, with the case's secret; an answered case is `received` again."""
    case = parse_number(number)
    return await said_once(
        session,
        once,
        lambda: service.write_message(session, case, secret, caller, body, now),
        lambda: service.own(session, case, secret),
    )


@router.post(
    "/{number}/answers",
    status_code=201,
    operation_id="answer_complaint",
    responses=WRITES,
    openapi_extra=scope("complaints:answer"),
)
async def answer(
    session: Session, number: Number, caller: Answerer, now: Now, body: AnswerRequest, once: Said
) -> StaffCaseBody:
    case = parse_number(number)
    return await said_once(
        session,
        once,
        lambda: service.answer(session, case, caller, body, now),
        lambda: service.as_staff(session, case),
    )


@router.post(
    "/{number}/accept",
    operation_id="accept_complaint_answer",
    responses=WRITES,
    openapi_extra=scope("public"),
)
async def accept(
    session: Session,
    number: Number,
    caller: Caller,
    now: Now,
    once: Said,
    body: CloseRequest | None = None,
    secret: Secret = None,
) -> CaseBody:
    """The complainant is content with the answer."""
    case = parse_number(number)
    return await said_once(
        session,
        once,
        lambda: service.accept(session, case, secret, caller, body, now),
        lambda: service.own(session, case, secret),
    )


@router.post(
    "/{number}/contest",
    status_code=201,
    operation_id="contest_complaint_answer",
    responses=WRITES,
    openapi_extra=scope("public"),
)
async def contest(
    session: Session,
    number: Number,
    caller: Caller,
    now: Now,
    body: MessageRequest,
    once: Said,
    secret: Secret = None,
) -> CaseBody:
    """A complainant does not accept the answer, and says why."""
    case = parse_number(number)
    return await said_once(
        session,
        once,
        lambda: service.contest(session, case, secret, caller, body, now),
        lambda: service.own(session, case, secret),
    )


@router.post(
    "/{number}/reopen",
    status_code=201,
    operation_id="reopen_complaint",
    responses=WRITES,
    openapi_extra=scope("public"),
)
async def reopen(
    session: Session,
    number: Number,
    caller: Caller,
    now: Now,
    body: MessageRequest,
    once: Said,
    secret: Secret = None,
) -> StaffCaseBody | CaseBody:
    """Within 30 days of its end, with the secret or as staff with the scope `complaints:answer`."""
    case = parse_number(number)
    return await said_once(
        session,
        once,
        lambda: service.reopen(session, case, secret, caller, body, now),
        lambda: service.again(session, case, secret, caller),
    )


@router.post(
    "/{number}/acknowledgment",
    operation_id="acknowledge_complaint",
    responses=responses(400, 401, 403, 404, 409, 422, 503),
    openapi_extra=scope("complaints:answer"),
)
async def acknowledge(
    session: Session, number: Number, caller: Answerer, now: Now, once: Said
) -> StaffCaseBody:
    """What came back to us was seen. A new case is acknowledged by its filing."""
    case = parse_number(number)
    return await said_once(
        session,
        once,
        lambda: service.acknowledge(session, case, caller, now),
        lambda: service.as_staff(session, case),
    )


@router.post(
    "/{number}/investigation",
    status_code=201,
    operation_id="investigate_complaint",
    responses=WRITES,
    openapi_extra=scope("complaints:answer"),
)
async def investigate(
    session: Session, number: Number, caller: Answerer, now: Now, body: MessageRequest, once: Said
) -> StaffCaseBody:
    """An assessed case was looked into; what was found is an internal note."""
    case = parse_number(number)
    return await said_once(
        session,
        once,
        lambda: service.investigate(session, case, caller, body, now),
        lambda: service.as_staff(session, case),
    )


@router.post(
    "/{number}/notes",
    status_code=201,
    operation_id="note_complaint",
    responses=WRITES,
    openapi_extra=scope("complaints:answer"),
)
async def write_note(
    session: Session, number: Number, caller: Answerer, now: Now, body: MessageRequest, once: Said
) -> StaffCaseBody:
    """For staff alone; no complainant ever sees it."""
    case = parse_number(number)
    return await said_once(
        session,
        once,
        lambda: service.write_note(session, case, caller, body, now),
        lambda: service.as_staff(session, case),
    )


@router.post(
    "/{number}/close",
    operation_id="close_complaint",
    responses=WRITES,
    openapi_extra=scope("complaints:answer"),
)
async def close(
    session: Session,
    number: Number,
    caller: Answerer,
    now: Now,
    once: Said,
    body: CloseRequest | None = None,
) -> StaffCaseBody:
    """Close an answered case; it may be reopened within 30 days."""
    case = parse_number(number)
    return await said_once(
        session,
        once,
        lambda: service.close(session, case, caller, body, now),
        lambda: service.as_staff(session, case),
    )


@statistics.get(
    "/complaints",
    operation_id="complaint_statistics",
    responses=responses(401, 403, 422, 503),
    openapi_extra=scope("reports:read"),
)
async def count(
    session: Session, _: Reporter, period: Annotated[PeriodText, Query()]
) -> StatisticsBody:
    """Cases filed, first answered and closed in a Jalali year, half, month or day."""
    return await service.statistics(session, Period.parse(period))


@internal.get(
    "/cases",
    operation_id="internal_cases",
    responses=responses(401, 403, 422, 503),
    openapi_extra=scope("internal"),
)
async def open_cases(
    session: Session, _: Sister, barcode: Annotated[Barcode, Query()]
) -> OpenCasesBody:
    return await service.open_cases(session, barcode)
