"""HTTP of messages: what was told of a parcel; the words; the quiet hours."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path

from services.parcels.dependencies import Caller, Now, Session, require
from services.parcels.messages import service
from services.parcels.messages.domain import Kind, Language
from services.parcels.messages.schemas import (
    MessagesOut,
    QuietHoursIn,
    QuietHoursOut,
    TemplateIn,
    TemplateOut,
    TemplatesOut,
)
from shared.errors import responses

router = APIRouter(prefix="/v1", tags=["messages"])
SCOPE: Final = "messages:write"
Writer = Annotated[Caller, Depends(require(SCOPE))]
READ: Final[dict[str, Any]] = {
    "responses": responses(401, 403, 503),
    "openapi_extra": {"x-scope": SCOPE},
}
WRITE: Final[dict[str, Any]] = {
    "responses": responses(400, 401, 403, 404, 413, 422, 503),
    "openapi_extra": {"x-scope": SCOPE},
}


@router.get(
    "/parcels/{barcode}/messages",
    operation_id="list_messages",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra={"x-scope": "parcels:read"},
)
async def list_messages(
    barcode: Annotated[str, Path(max_length=40)],
    caller: Annotated[Caller, Depends(require("parcels:read"))],
    session: Session,
) -> MessagesOut:
    """What the recipient of one of your own parcels was told, and what is to be told."""
    return MessagesOut(items=await service.of_parcel(session, caller, barcode))


@router.get("/message-templates", operation_id="list_message_templates", **READ)
async def list_message_templates(session: Session, _: Writer) -> TemplatesOut:
    return TemplatesOut(items=await service.templates(session))


@router.put("/message-templates/{kind}/{language}", operation_id="reword_message_template", **WRITE)
async def reword_message_template(
    kind: Kind, language: Language, body: TemplateIn, by: Writer, session: Session, now: Now
) -> TemplateOut:
    """The words from now on, in one of the languages."""
    return await service.reword(session, kind, language, body.text, by, now)


@router.get("/quiet-hours", operation_id="get_quiet_hours", **READ)
async def get_quiet_hours(session: Session, _: Writer) -> QuietHoursOut:
    return await service.quiet_hours(session)


@router.put("/quiet-hours", operation_id="set_quiet_hours", **WRITE)
async def set_quiet_hours(
    body: QuietHoursIn, by: Writer, session: Session, now: Now
) -> QuietHoursOut:
    """When nobody is written to; what falls into these hours waits for their end."""
    return await service.set_quiet_hours(session, body, by, now)
