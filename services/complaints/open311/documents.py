"""How requests of the standard are read, and its documents served in both formats."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, TypeAdapter, ValidationError

from services.complaints.open311 import domain
from services.complaints.open311.domain import FORMATS, MEDIA_TYPES, Format, Value
from services.complaints.open311.errors import DocumentUnknown
from services.complaints.open311.schemas import FORM_MEDIA_TYPE, ErrorDocument, NewRequest
from services.complaints.open311.service import Asked
from shared.errors import BadRequest, Invalid, field_errors
from shared.fields import Instant
from shared.text import text

FIELDS_MAX: Final = 100
PUBLIC: Final = {"x-scope": "public"}
JurisdictionId = Annotated[str | None, Query(max_length=200), text(1, 200)]
DocumentName = Annotated[
    str, Path(max_length=80, description="A code or number, .json or .xml"), text(1, 80)
]
Commas = Annotated[str | None, Query(max_length=4000), text(1, 4000)]


def documented(model: Any, *forms: Format) -> dict[int | str, dict[str, Any]]:
    """`responses` of a route that answers in these formats; what XML holds is not described.

    Statuses that only the gateway answers with, in its own words, are left to it.
    """
    refused = "Refused, in the standard's words"
    found: dict[int | str, dict[str, Any]] = {}
    for status, meaning, shape in (
        (200, "The document", model),
        *((status, refused, list[ErrorDocument]) for status in (400, 404, 409, "default")),
    ):
        found[status] = {"description": meaning, "content": {"text/xml": {}}}
        if "json" in forms:
            found[status]["model"] = shape
        if "xml" not in forms:
            del found[status]["content"]
    return found


def both(
    router: APIRouter, method: str, path: str, name: str, model: Any, **extra: Any
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
                responses=documented(model, form),
                openapi_extra={**PUBLIC, **extra},
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


async def _cut(
    page: Annotated[int, Query(ge=1, le=domain.REQUESTS_MAX)] = 1,
    page_size: Annotated[int, Query(ge=1, le=domain.REQUESTS_MAX)] = domain.REQUESTS_MAX,
) -> slice:
    """What page of how many requests: as all servers have it, though the standard does not."""
    return slice((page - 1) * page_size, min(page * page_size, domain.REQUESTS_MAX))


async def _asked(
    cut: Annotated[slice, Depends(_cut)],
    jurisdiction_id: JurisdictionId = None,
    service_request_id: Commas = None,
    service_code: Commas = None,
    status: Commas = None,
    start_date: Annotated[Instant | None, Query()] = None,
    end_date: Annotated[Instant | None, Query()] = None,
) -> Asked:
    return Asked(
        jurisdiction_id,
        _parted(service_request_id),
        _parted(service_code),
        _parted(status),
        start_date,
        end_date,
        cut,
    )


def _parted(value: str | None) -> list[str] | None:
    if value is None:
        return None
    parts = [part.strip() for part in value.split(",")]
    if len(parts) > FIELDS_MAX:
        raise BadRequest(f"ask for at most {FIELDS_MAX} at a time")
    return parts


def answer(
    root: str,
    found: BaseModel | list[Any] | dict[str, Value],
    form: Format,
    *,
    no_store: bool = False,
) -> Response:
    plain = TypeAdapter(Any).dump_python(found, mode="json")
    headers = {"Content-Type": MEDIA_TYPES[form]}
    headers |= {"Cache-Control": "no-store"} if no_store else {}
    return Response(domain.written(root, plain, form), headers=headers)


Form = Annotated[NewRequest, Depends(_form)]
Requests = Annotated[Asked, Depends(_asked)]
