"""HTTP of the working group's meetings."""

import base64
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response

from services.offices.dependencies import (
    LICENSING_DECIDE,
    LICENSING_READ,
    LICENSING_WRITE,
    Effect,
    LicensingDecider,
    LicensingReader,
    LicensingWriter,
    Now,
    Page,
    Session,
    answer_once,
)
from services.offices.meetings import service
from services.offices.meetings.domain import MeetingStatus
from services.offices.meetings.schemas import (
    AttendanceOut,
    AttendanceRequest,
    ItemOut,
    MeetingOut,
    MeetingRequest,
    MeetingView,
    MinutesOut,
    MinutesRequest,
    StakeOut,
    StakeRequest,
    VoteRequest,
)
from services.offices.working_group.schemas import SeatSlug
from shared.errors import responses
from shared.pagination import PageBody, link_next

router = APIRouter(prefix="/v1/working-group", tags=["working group"])

READ: Final[dict[str, Any]] = {"openapi_extra": {"x-scope": LICENSING_READ}}
WRITE: Final[dict[str, Any]] = {
    "responses": responses(400, 401, 403, 404, 409, 413, 422, 503),
    "openapi_extra": {"x-scope": LICENSING_WRITE},
}
DECIDE: Final[dict[str, Any]] = WRITE | {"openapi_extra": {"x-scope": LICENSING_DECIDE}}
ONE: Final[dict[str, Any]] = READ | {"responses": responses(401, 403, 404, 422, 503)}


@router.post(
    "/meetings", operation_id="plan_meeting", status_code=201, response_model=MeetingOut, **WRITE
)
async def plan_meeting(
    body: MeetingRequest, caller: LicensingWriter, session: Session, now: Now, effect: Effect
) -> Response:
    return await answer_once(
        session, effect, lambda: service.plan(session, body, caller=caller, now=now)
    )


@router.get(
    "/meetings", operation_id="list_meetings", responses=responses(401, 403, 422, 503), **READ
)
async def list_meetings(
    request: Request,
    response: Response,
    page: Page,
    session: Session,
    _: LicensingReader,
    status: MeetingStatus | None = None,
) -> PageBody[MeetingOut]:
    """The newest first."""
    items, following = await service.meetings(session, status, page)
    link_next(request, response, following)
    return PageBody[MeetingOut](items=items, next=following)


@router.get("/meetings/{meeting_id}", operation_id="get_meeting", **ONE)
async def get_meeting(meeting_id: UUID, session: Session, _: LicensingReader) -> MeetingView:
    """A meeting with its composition, attendance, agenda, votes and declared stakes."""
    return await service.view(session, meeting_id)


@router.post(
    "/meetings/{meeting_id}/open", operation_id="open_meeting", response_model=MeetingOut, **WRITE
)
async def open_meeting(
    meeting_id: UUID, _: LicensingWriter, session: Session, now: Now, effect: Effect
) -> Response:
    return await answer_once(
        session, effect, lambda: service.open_meeting(session, meeting_id, now), status=200
    )


@router.post(
    "/meetings/{meeting_id}/close", operation_id="close_meeting", response_model=MeetingOut, **WRITE
)
async def close_meeting(
    meeting_id: UUID, caller: LicensingWriter, session: Session, now: Now, effect: Effect
) -> Response:
    """Items that were not decided are adjourned."""
    return await answer_once(
        session,
        effect,
        lambda: service.close_meeting(session, meeting_id, caller=caller, now=now),
        status=200,
    )


@router.put("/meetings/{meeting_id}/attendance/{seat}", operation_id="record_attendance", **WRITE)
async def record_attendance(
    meeting_id: UUID,
    seat: Annotated[SeatSlug, Path()],
    body: AttendanceRequest,
    caller: LicensingWriter,
    session: Session,
    now: Now,
) -> AttendanceOut:
    """The member who holds the seat today is present, or is not."""
    return await service.attend(
        session, meeting_id, seat, present=body.present, caller=caller, now=now
    )


@router.post(
    "/meetings/{meeting_id}/minutes",
    operation_id="record_minutes",
    status_code=201,
    response_model=MinutesOut,
    **WRITE,
)
async def record_minutes(
    meeting_id: UUID,
    body: MinutesRequest,
    caller: LicensingWriter,
    session: Session,
    now: Now,
    effect: Effect,
) -> Response:
    """Kept in Unicode's NFC with lines ended by LF; the hash is of exactly what GET answers."""
    return await answer_once(
        session,
        effect,
        lambda: service.record_minutes(session, meeting_id, body.text, caller=caller, now=now),
    )


@router.get(
    "/meetings/{meeting_id}/minutes",
    operation_id="get_minutes",
    response_class=Response,
    openapi_extra={"x-scope": LICENSING_READ},
    responses={
        200: {
            "description": "The document; `Repr-Digest` (RFC 9530) is its SHA-256.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        },
        **responses(401, 403, 404, 422, 503),
    },
)
async def get_minutes(meeting_id: UUID, session: Session, _: LicensingReader) -> Response:
    minutes = await service.minutes(session, meeting_id)
    digest = base64.b64encode(bytes.fromhex(minutes.sha256)).decode()
    return Response(
        minutes.text,
        media_type="text/plain",
        headers={"Repr-Digest": f"sha-256=:{digest}:", "ETag": f'"{minutes.sha256}"'},
    )


@router.post(
    "/items/{item_id}/stakes",
    operation_id="declare_stake",
    status_code=201,
    response_model=StakeOut,
    **WRITE,
)
async def declare_stake(
    item_id: UUID,
    body: StakeRequest,
    caller: LicensingWriter,
    session: Session,
    now: Now,
    effect: Effect,
) -> Response:
    """The member present for the seat has a stake in the item's subject, and abstains from now."""
    return await answer_once(
        session,
        effect,
        lambda: service.declare_stake(session, item_id, body, caller=caller, now=now),
    )


@router.post(
    "/items/{item_id}/votes",
    operation_id="cast_vote",
    status_code=201,
    response_model=ItemOut,
    **DECIDE,
)
async def cast_vote(
    item_id: UUID,
    body: VoteRequest,
    caller: LicensingDecider,
    session: Session,
    now: Now,
    effect: Effect,
) -> Response:
    """One vote per seat and item, which stands."""
    return await answer_once(
        session, effect, lambda: service.vote(session, item_id, body, caller=caller, now=now)
    )


@router.post(
    "/items/{item_id}/decide",
    operation_id="decide_item",
    response_model=ItemOut,
    **DECIDE,
)
async def decide_item(
    item_id: UUID, caller: LicensingDecider, session: Session, now: Now, effect: Effect
) -> Response:
    """Count the votes: adopted, rejected, or no quorum and so nothing decided."""
    return await answer_once(
        session,
        effect,
        lambda: service.decide(session, item_id, caller=caller, now=now),
        status=200,
    )
