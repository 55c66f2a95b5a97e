"""HTTP of targets."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request, Response

from services.complaints.dependencies import (
    Effect,
    Now,
    Page,
    Reader,
    Session,
    TargetSetter,
    answer_once,
)
from services.complaints.targets import service
from services.complaints.targets.schemas import Code, NewTargets, TargetsOut, TargetsSummary
from shared.errors import responses
from shared.pagination import PageBody, link_next

router = APIRouter(prefix="/v1/complaint-targets", tags=["complaints"])

READ: Final = "complaints:read"
WRITE: Final = "targets:write"
CodePath = Annotated[Code, Path()]


def _as(scope: str, *statuses: int) -> dict[str, Any]:
    return {"responses": responses(*statuses), "openapi_extra": {"x-scope": scope}}


@router.get("", operation_id="list_complaint_targets", **_as(READ, 401, 403, 422, 503))
async def list_complaint_targets(
    request: Request, response: Response, page: Page, _: Reader, session: Session
) -> PageBody[TargetsSummary]:
    """What was, is and will be in force, the newest day first."""
    found, cursor = await service.listing(session, page)
    link_next(request, response, cursor)
    return PageBody[TargetsSummary](items=found, next=cursor)


@router.get("/{code}", operation_id="get_complaint_targets", **_as(READ, 401, 403, 404, 422, 503))
async def get_complaint_targets(code: CodePath, _: Reader, session: Session) -> TargetsOut:
    """The rules of a version, level by level, and the caps of its pauses."""
    return await service.read(session, code)


@router.post(
    "",
    status_code=201,
    operation_id="publish_complaint_targets",
    response_model=TargetsOut,
    **_as(WRITE, 400, 401, 403, 409, 413, 422, 503),
)
async def publish_complaint_targets(
    body: NewTargets, caller: TargetSetter, session: Session, now: Now, once: Effect
) -> Response:
    """Set all targets from a day to come on; cases that are filed before keep theirs."""
    return (await service.publish(session, body, caller=caller, once=once, now=now)).response()


@router.post(
    "/{code}/withdrawal",
    operation_id="withdraw_complaint_targets",
    response_model=TargetsOut,
    **_as(WRITE, 400, 401, 403, 404, 409, 422, 503),
)
async def withdraw_complaint_targets(
    code: CodePath, caller: TargetSetter, session: Session, now: Now, once: Effect
) -> Response:
    """Withdraw targets that are not in force yet."""
    return await answer_once(
        session, once, lambda: service.withdraw(session, code, caller=caller, now=now), status=200
    )
