"""The cases over HTTP."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Path, Query, Request, Response
from pydantic import AfterValidator

from services.complaints.cases import service
from services.complaints.cases.domain import Status, case_number, parse_number
from services.complaints.cases.repository import Filter
from services.complaints.cases.schemas import (
    Barcode,
    CaseBody,
    CaseRequest,
    CloseRequest,
    FiledBody,
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
    Session,
    Sister,
    SistersOf,
)
from shared.calendar import Period
from shared.errors import responses
from shared.fields import OfficeCode, PeriodText
from shared.idempotency import IdempotencyKey
from shared.pagination import PageBody, link_next

router = APIRouter(prefix="/v1/complaints", tags=["complaints"])
statistics = APIRouter(prefix="/v1/statistics", tags=["statistics"])
internal = APIRouter(prefix="/internal", tags=["internal"])

Number = Annotated[
    str,
    AfterValidator(lambda text: case_number(parse_number(text))),
    Path(max_length=40, description="In any digits.", examples=["C-1398-0000123-6"]),
]
Secret = Annotated[
    str | None,
    Header(alias="Susa-Case-Secret", max_length=100, description="What filing the case answered."),
]
_BODY: Final = (400, 401, 413, 422, 503)


def _scope(scope: str) -> dict[str, Any]:
    return {"x-scope": scope}


@router.post(
    "",
    status_code=201,
    response_model=FiledBody,
    operation_id="file_complaint",
    responses=responses(*_BODY, 403, 409),
    openapi_extra=_scope("public"),
)
async def file(
    session: Session,
    sisters: SistersOf,
    caller: Caller,
    now: Now,
    body: CaseRequest,
    key: IdempotencyKey = None,
) -> Response:
    """File a case about a parcel or an office; the secret in the answer is not shown again."""
    return (await service.file(session, sisters, caller, body, key, now)).response()


@router.get(
    "",
    operation_id="list_complaints",
    responses=responses(401, 403, 422, 503),
    openapi_extra=_scope("complaints:read"),
)
async def list_cases(
    request: Request,
    response: Response,
    session: Session,
    _: Reader,
    page: Page,
    status: Status | None = None,
    barcode: Annotated[Barcode | None, Query()] = None,
    office: Annotated[OfficeCode | None, Query()] = None,
) -> PageBody[SummaryBody]:
    """Cases, the newest first."""
    found = await service.list_cases(session, Filter(status, barcode, office), page)
    link_next(request, response, found.next)
    return found


@router.get(
    "/{number}",
    operation_id="get_complaint",
    responses=responses(401, 404, 422, 503),
    openapi_extra=_scope("public"),
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
    responses=responses(*_BODY, 403, 404, 409),
    openapi_extra=_scope("public"),
)
async def write_message(
    session: Session,
    number: Number,
    caller: Caller,
    now: Now,
    body: MessageRequest,
    secret: Secret = None,
) -> CaseBody:
    """The complainant writes, with the case's secret; an answered case is `received` again."""
    case = parse_number(number)
    return await service.write_message(session, case, secret, caller, body, now)


@router.post(
    "/{number}/answers",
    status_code=201,
    operation_id="answer_complaint",
    responses=responses(*_BODY, 403, 404, 409),
    openapi_extra=_scope("complaints:answer"),
)
async def answer(
    session: Session, number: Number, caller: Answerer, now: Now, body: MessageRequest
) -> StaffCaseBody:
    return await service.answer(session, parse_number(number), caller, body, now)


@router.post(
    "/{number}/close",
    operation_id="close_complaint",
    responses=responses(*_BODY, 403, 404, 409),
    openapi_extra=_scope("complaints:answer"),
)
async def close(
    session: Session,
    number: Number,
    caller: Answerer,
    now: Now,
    body: CloseRequest | None = None,
) -> StaffCaseBody:
    """Close an answered case, for good."""
    return await service.close(session, parse_number(number), caller, body, now)


@statistics.get(
    "/complaints",
    operation_id="complaint_statistics",
    responses=responses(401, 403, 422, 503),
    openapi_extra=_scope("reports:read"),
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
    openapi_extra=_scope("internal"),
)
async def open_cases(
    session: Session, _: Sister, barcode: Annotated[Barcode, Query()]
) -> OpenCasesBody:
    return await service.open_cases(session, barcode)
