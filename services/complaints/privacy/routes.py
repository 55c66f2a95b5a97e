"""A complainant's own data over HTTP."""

from typing import Final

from fastapi import APIRouter, Response

from services.complaints.cases.domain import parse_number
from services.complaints.cases.routes import BODY, Number, Secret, scope
from services.complaints.dependencies import Answerer, FolderOf, Now, Session
from services.complaints.privacy import service
from services.complaints.privacy.schemas import ErasedBody, PersonalDataBody, PersonRequest
from shared.errors import responses

router = APIRouter(prefix="/v1/complaints/{number}/personal-data", tags=["complaints"])
people = APIRouter(prefix="/v1/complainants", tags=["complainants"])

ANSWER: Final = scope("complaints:answer")
OWN: Final = responses(401, 404, 422, 503)


@router.get("", operation_id="export_own_data", responses=OWN, openapi_extra=scope("public"))
async def own(
    session: Session, number: Number, response: Response, secret: Secret = None
) -> PersonalDataBody:
    """All that is kept of you about this case, with its secret."""
    response.headers["Cache-Control"] = "no-store"
    return await service.own(session, parse_number(number), secret)


@router.delete("", operation_id="erase_own_data", responses=OWN, openapi_extra=scope("public"))
async def erase_own(
    session: Session, folder: FolderOf, number: Number, now: Now, secret: Secret = None
) -> ErasedBody:
    """Forget who you are, what you wrote and your files; the case goes on, with its secret."""
    return await service.erase_own(session, folder, parse_number(number), secret, now)


@people.post(
    "/export",
    operation_id="export_complainant",
    responses=responses(*BODY, 403),
    openapi_extra=ANSWER,
)
async def of_phone(session: Session, _: Answerer, body: PersonRequest) -> PersonalDataBody:
    """All that is kept of whoever has this number."""
    return await service.of_phone(session, body.phone)


@people.post(
    "/erase",
    operation_id="erase_complainant",
    responses=responses(*BODY, 403),
    openapi_extra=ANSWER,
)
async def erase_phone(
    session: Session, folder: FolderOf, caller: Answerer, now: Now, body: PersonRequest
) -> ErasedBody:
    """Forget whoever has this number; a hundred cases at a time."""
    return await service.erase_phone(session, folder, caller, body.phone, now)
