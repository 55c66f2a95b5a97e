"""Open311 GeoReport v2 over HTTP: every document as JSON and as XML, by the suffix of its path."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, TypeAdapter, ValidationError

from services.complaints.dependencies import Caller, Now, Session, SistersOf
from services.complaints.open311 import domain, service
from services.complaints.open311.domain import FORMATS, MEDIA_TYPES, Format, Value
from services.complaints.open311.errors import DocumentUnknown
from services.complaints.open311.schemas import (
    FORM_MEDIA_TYPE,
    Created,
    DefinitionDocument,
    ErrorDocument,
    NewRequest,
    RequestDocument,
    ServiceDocument,
    TokenDocument,
    form_body,
)
from services.complaints.open311.service import Asked
from shared.errors import BadRequest, Invalid, field_errors
from shared.fields import Instant
from shared.idempotency import IdempotencyKey
from shared.text import text

router = APIRouter(prefix="/open311/v2", tags=["open311"])

FIELDS_MAX: Final = 100
_FAULT: Final = {
    "description": "Refused, in the standard's words",
    "content": {"application/json": {}, "text/xml": {}},
}
_PUBLIC: Final = {"x-scope": "public"}
JurisdictionId = Annotated[str | None, Query(max_length=200), text(1, 200)]
DocumentName = Annotated[
    str, Path(max_length=80, description="A code or number, .json or .xml"), text(1, 80)
]
Commas = Annotated[str | None, Query(max_length=4000), text(1, 4000)]


def _documented(model: Any) -> dict[int | str, dict[str, Any]]:
    return {
        200: {"description": "The document", "model": model, "content": {"text/xml": {}}},
        "default": {**_FAULT, "model": list[ErrorDocument]},
    }


def _both(
    method: str, path: str, name: str, model: Any, **extra: Any
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """One function under two paths, `path.json` and `path.xml`."""

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        for form in FORMATS:
            router.add_api_route(
                f"{path}.{form}",
                function,
                methods=[method],
                operation_id=f"open311_{name}_{form}",
                response_class=Response,
                response_model=None,
                responses=_documented(model),
                openapi_extra={**_PUBLIC, **extra},
            )
        return function

    return add


async def _format(request: Request) -> Format:
    return "xml" if request.url.path.endswith(".xml") else "json"


Wanted = Annotated[Format, Depends(_format)]


@dataclass(frozen=True, slots=True)
class Named:
    code: str
    form: Format


async def _named(document: DocumentName) -> Named:
    code, dot, suffix = document.rpartition(".")
    for form in FORMATS:
        if dot and suffix == form:
            return Named(code, form)
    raise DocumentUnknown("end the path in .json or .xml")


One = Annotated[Named, Depends(_named)]


async def _form(request: Request) -> NewRequest:
    """The form, of any client: UTF-8, a hundred fields at most, the last of a name counts."""
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if sent != FORM_MEDIA_TYPE:
        raise BadRequest(f"send the form as {FORM_MEDIA_TYPE}")
    try:
        pairs = parse_qsl(
            (await request.body()).decode(), max_num_fields=FIELDS_MAX, errors="strict"
        )
        return NewRequest.model_validate(dict(pairs))
    except ValidationError as error:
        found = field_errors(error.errors(include_url=False, include_input=False))
        raise Invalid(f"{found[0]['field']}: {found[0]['message']}", errors=found) from None
    except ValueError:  # of bytes that are no UTF-8, too
        raise BadRequest(f"the form is not UTF-8, or has over {FIELDS_MAX} fields") from None


async def _asked(
    jurisdiction_id: JurisdictionId = None,
    service_request_id: Commas = None,
    service_code: Commas = None,
    status: Commas = None,
    start_date: Annotated[Instant | None, Query()] = None,
    end_date: Annotated[Instant | None, Query()] = None,
    page: Annotated[int, Query(ge=1, le=domain.REQUESTS_MAX)] = 1,
    page_size: Annotated[int, Query(ge=1, le=domain.REQUESTS_MAX)] = domain.REQUESTS_MAX,
) -> Asked:
    return Asked(
        jurisdiction_id,
        _parted(service_request_id),
        _parted(service_code),
        _parted(status),
        start_date,
        end_date,
        page,
        page_size,
    )


def _parted(value: str | None) -> list[str] | None:
    return None if value is None else [part.strip() for part in value.split(",")][:FIELDS_MAX]


def _answer(root: str, found: BaseModel | list[Any] | dict[str, Value], form: Format) -> Response:
    plain = TypeAdapter(Any).dump_python(found, mode="json")
    body = domain.written(root, plain, form)
    return Response(body, headers={"Content-Type": MEDIA_TYPES[form]})


@_both("GET", "/discovery", "discovery", dict[str, Any])
async def discovery(request: Request, session: Session, form: Wanted) -> Response:
    """Where this is served, and by which standard."""
    found = service.discovery(session, str(request.base_url))
    return _answer("discovery", found, form)


@_both("GET", "/services", "services", list[ServiceDocument])
async def services(
    session: Session, form: Wanted, jurisdiction_id: JurisdictionId = None
) -> Response:
    """What can be complained about."""
    return _answer("services", service.services(session, jurisdiction_id), form)


@router.get(
    "/services/{document}",
    operation_id="open311_service_definition",
    response_class=Response,
    response_model=None,
    responses=_documented(DefinitionDocument),
    openapi_extra=_PUBLIC,
)
async def definition(
    session: Session, document: One, jurisdiction_id: JurisdictionId = None
) -> Response:
    """What else is to be told of a service."""
    found = service.definition(session, document.code, jurisdiction_id)
    return _answer("service_definition", found, document.form)


@_both("POST", "/requests", "file", list[Created], requestBody=form_body())
async def file(
    session: Session,
    sisters: SistersOf,
    caller: Caller,
    now: Now,
    form: Wanted,
    told: Annotated[NewRequest, Depends(_form)],
    key: IdempotencyKey = None,
) -> Response:
    """File a case; its secret is in `service_notice` and is not shown again."""
    found = await service.file(session, sisters, caller, told, key, now)
    return _answer("service_requests", found, form)


@_both("GET", "/requests", "requests", list[RequestDocument])
async def requests(
    session: Session,
    caller: Caller,
    now: Now,
    form: Wanted,
    asked: Annotated[Asked, Depends(_asked)],
) -> Response:
    """The newest first: of the last ninety days unless told, a thousand at most."""
    found = await service.requests(session, asked, caller, now)
    return _answer("service_requests", found, form)


@router.get(
    "/requests/{document}",
    operation_id="open311_request",
    response_class=Response,
    response_model=None,
    responses=_documented(list[RequestDocument]),
    openapi_extra=_PUBLIC,
)
async def request(
    session: Session, caller: Caller, document: One, jurisdiction_id: JurisdictionId = None
) -> Response:
    """A case that was filed this way: its state, and for staff what was said."""
    found = await service.request(session, document.code, jurisdiction_id, caller)
    return _answer("service_requests", found, document.form)


@router.get(
    "/tokens/{document}",
    operation_id="open311_token",
    response_class=Response,
    response_model=None,
    responses=_documented(list[TokenDocument]),
    openapi_extra=_PUBLIC,
)
async def token(
    session: Session, document: One, jurisdiction_id: JurisdictionId = None
) -> Response:
    """The number of the case that a token was given for."""
    found = await service.token(session, document.code, jurisdiction_id)
    return _answer("service_requests", found, document.form)
