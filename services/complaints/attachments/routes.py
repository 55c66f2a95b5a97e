"""Attachments over HTTP: bytes go in and out as they are."""

import base64
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse

from services.complaints.attachments import service
from services.complaints.attachments.domain import MEDIA_TYPES, SIZE_BYTES_MAX
from services.complaints.attachments.schemas import AttachmentBody, AttachmentsBody
from services.complaints.cases.domain import parse_number
from services.complaints.cases.routes import WRITES, Number, Secret, scope
from services.complaints.dependencies import Caller, Database, FolderOf, Now, Session
from shared.errors import responses
from shared.text import text

router = APIRouter(prefix="/v1/complaints/{number}/attachments", tags=["complaints"])

_BYTES: Final[dict[str, Any]] = {"type": "string", "format": "binary", "maxLength": SIZE_BYTES_MAX}
_FILE: Final = {kind: {"schema": _BYTES} for kind in MEDIA_TYPES}


@router.post(
    "",
    status_code=201,
    operation_id="attach_to_complaint",
    responses=WRITES,
    openapi_extra={
        **scope("public"),
        "requestBody": {
            "required": True,
            "description": f"The file, one of {', '.join(MEDIA_TYPES)}.",
            "content": {"application/octet-stream": {"schema": _BYTES}},
        },
    },
)
async def add(
    request: Request,
    session: Session,
    database: Database,
    folder: FolderOf,
    number: Number,
    caller: Caller,
    now: Now,
    name: Annotated[str | None, text(1, 120), Query()] = None,
    secret: Secret = None,
    *,
    internal: Annotated[bool, Query(description="Of staff: for staff alone.")] = False,
) -> AttachmentBody:
    """A file as the request's body, with the secret or as staff; what it is, its bytes say."""
    declared = request.headers.get("content-type", "")
    sent = service.Sent(request.stream(), declared, name, internal, secret)
    case = parse_number(number)
    return await service.add(session, database, folder, case, caller, sent, now)


@router.get(
    "",
    operation_id="list_complaint_attachments",
    responses=responses(401, 404, 422, 503),
    openapi_extra=scope("public"),
)
async def listing(
    session: Session, number: Number, caller: Caller, secret: Secret = None
) -> AttachmentsBody:
    return await service.listing(session, parse_number(number), secret, caller)


@router.get(
    "/{attachment}",
    operation_id="get_complaint_attachment",
    response_class=FileResponse,
    responses={
        200: {"content": _FILE, "description": "The bytes, with their `Repr-Digest` (RFC 9530)."},
        **responses(401, 404, 410, 422, 503),
    },
    openapi_extra=scope("public"),
)
async def fetch(
    session: Session,
    folder: FolderOf,
    number: Number,
    attachment: UUID,
    caller: Caller,
    secret: Secret = None,
) -> FileResponse:
    """The file, for whoever may see it; never shown in a page of ours."""
    case = parse_number(number)
    file = await service.fetch(session, folder, case, attachment, secret, caller)
    digest = base64.b64encode(bytes.fromhex(file.about.sha256)).decode()
    headers = {
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Repr-Digest": f"sha-256=:{digest}:",
    }
    return FileResponse(
        file.path, media_type=file.about.media_type, filename=file.file_name, headers=headers
    )
