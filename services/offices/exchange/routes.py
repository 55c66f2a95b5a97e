"""HTTP of exchange; its literal paths go before the registry's `/{code}`."""

from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic_core import to_json

from services.offices.dependencies import DeskOf, Now, Session, Settings, Writer
from services.offices.exchange import domain, service
from services.offices.exchange.domain import MEDIA_TYPES, Format
from services.offices.exchange.schemas import ImportOut
from services.offices.registry.domain import Kind, Status
from services.offices.registry.repository import Filters
from services.offices.registry.schemas import Slug
from shared.errors import responses

router = APIRouter(prefix="/v1/offices", tags=["offices"])

WRITERS: Final = {"x-scope": "offices:write"}
_TEXT: Final = {"schema": {"type": "string"}}
BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": dict.fromkeys(MEDIA_TYPES.values(), _TEXT),
        "description": f"Up to {domain.ROWS_MAX} offices. Columns: {', '.join(domain.COLUMNS)}.",
    }
}


@dataclass(frozen=True, slots=True)
class Upload:
    what: Format
    raw: bytes


async def _upload(request: Request, _: Writer) -> Upload:
    what = domain.format_of(request.headers.get("content-type", ""))
    return Upload(what, await request.body())


@router.post(
    "/import",
    operation_id="import_offices",
    response_model=ImportOut,
    responses=responses(401, 403, 413, 415, 422, 503),
    openapi_extra={**WRITERS, **BODY},
)
async def import_offices(
    *,
    upload: Annotated[Upload, Depends(_upload)],
    session: Session,
    settings: Settings,
    now: Now,
    dry_run: Annotated[bool, Query(description="Only say what would become of each row.")] = False,
) -> Response:
    """Create and correct offices from a file, a result per row; bad rows stop no others.

    A row with a `code` is about that office; one without is known by its `external_key`, so that
    the same file again changes nothing. A column that is left out is left as it is.
    """
    answer = await service.take_in(
        session, upload.what, upload.raw, prefix=settings.code_prefix, dry_run=dry_run, now=now
    )
    return Response(to_json(answer), media_type="application/json")


async def _filters(
    kind: Kind | None = None,
    town: Slug | None = None,
    county: Slug | None = None,
    status: Status | None = None,
) -> Filters:
    return Filters(kind, town, county, status)


@router.get(
    "/export",
    operation_id="export_offices",
    response_class=StreamingResponse,
    responses={
        **responses(401, 403, 422, 503),
        200: {
            "description": "The offices by code",
            "content": dict.fromkeys(MEDIA_TYPES.values(), _TEXT),
        },
    },
    openapi_extra=WRITERS,
)
async def export_offices(
    _: Writer,
    desk: DeskOf,
    wanted: Annotated[Filters, Depends(_filters)],
    what: Annotated[Format, Query(alias="format")] = "csv",
) -> StreamingResponse:
    """Every office as a row of the file that an import takes, where it changes nothing."""
    return StreamingResponse(
        await service.hand_out(desk.database, what, wanted),
        media_type=MEDIA_TYPES[what],
        headers={"Content-Disposition": f'attachment; filename="offices.{what}"'},
    )
