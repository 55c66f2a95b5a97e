"""Filing over HTTP."""

from fastapi import APIRouter, Response

from services.complaints.cases.routes import BODY, scope
from services.complaints.dependencies import Caller, Now, Session, SistersOf
from services.complaints.filing import service
from services.complaints.filing.schemas import CaseRequest, FiledBody
from shared.errors import responses
from shared.idempotency import IdempotencyKey

router = APIRouter(prefix="/v1/complaints", tags=["complaints"])


@router.post(
    "",
    status_code=201,
    response_model=FiledBody,
    operation_id="file_complaint",
    responses=responses(*BODY, 403, 409),
    openapi_extra=scope("public"),
)
async def file(
    session: Session,
    sisters: SistersOf,
    caller: Caller,
    now: Now,
    body: CaseRequest,
    key: IdempotencyKey = None,
) -> Response:
    """File a case; the secret in the answer is not shown again.

    About a parcel with an open case already, it becomes a part of that, with a secret of its own.
    """
    return (await service.file(session, sisters, caller, body, key, now)).response()
