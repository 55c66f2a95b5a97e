"""HTTP of the working group's seats, compositions and members."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response

from services.offices.dependencies import (
    LICENSING_READ,
    LICENSING_WRITE,
    Effect,
    LicensingReader,
    LicensingWriter,
    Now,
    Page,
    Session,
    answer_once,
)
from services.offices.working_group import service
from services.offices.working_group.repository import MemberFilter
from services.offices.working_group.schemas import (
    CompositionOut,
    CompositionRequest,
    LeaveRequest,
    MemberOut,
    MemberRequest,
    SeatOut,
    SeatRequest,
    SeatSlug,
    SeatsOut,
)
from shared.errors import responses
from shared.fields import Day
from shared.pagination import PageBody, link_next

router = APIRouter(prefix="/v1/working-group", tags=["working group"])

READ: Final[dict[str, Any]] = {
    "responses": responses(401, 403, 422, 503),
    "openapi_extra": {"x-scope": LICENSING_READ},
}
WRITE: Final[dict[str, Any]] = {
    "responses": responses(400, 401, 403, 404, 409, 413, 422, 503),
    "openapi_extra": {"x-scope": LICENSING_WRITE},
}


@router.get("/seats", operation_id="list_seats", **READ)
async def list_seats(session: Session, _: LicensingReader) -> SeatsOut:
    return await service.seats(session)


@router.put("/seats/{seat}", operation_id="put_seat", **WRITE)
async def put_seat(
    seat: Annotated[SeatSlug, Path()],
    body: SeatRequest,
    _: LicensingWriter,
    session: Session,
    now: Now,
) -> SeatOut:
    """A body that sits in the working group, new or renamed."""
    return await service.put_seat(session, seat, body, now)


@router.post(
    "/compositions",
    operation_id="add_composition",
    status_code=201,
    response_model=CompositionOut,
    **WRITE,
)
async def add_composition(
    body: CompositionRequest, caller: LicensingWriter, session: Session, now: Now, effect: Effect
) -> Response:
    """Who sits from a day on; the composition before it, if open-ended, ends the day before."""
    return await answer_once(
        session, effect, lambda: service.add_composition(session, body, caller=caller, now=now)
    )


@router.get("/compositions", operation_id="list_compositions", **READ)
async def list_compositions(
    request: Request, response: Response, page: Page, session: Session, _: LicensingReader
) -> PageBody[CompositionOut]:
    """The earliest first."""
    items, following = await service.compositions(session, page)
    link_next(request, response, following)
    return PageBody[CompositionOut](items=items, next=following)


@router.get(
    "/compositions/{composition_id}",
    operation_id="get_composition",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra={"x-scope": LICENSING_READ},
)
async def get_composition(
    composition_id: UUID, session: Session, _: LicensingReader
) -> CompositionOut:
    return await service.composition(session, composition_id)


@router.post(
    "/members",
    operation_id="seat_member",
    status_code=201,
    response_model=MemberOut,
    **WRITE,
)
async def seat_member(
    body: MemberRequest, caller: LicensingWriter, session: Session, now: Now, effect: Effect
) -> Response:
    return await answer_once(
        session, effect, lambda: service.seat_member(session, body, caller=caller, now=now)
    )


@router.get("/members", operation_id="list_members", **READ)
async def list_members(
    request: Request,
    response: Response,
    page: Page,
    session: Session,
    _: LicensingReader,
    seat: Annotated[SeatSlug | None, Query()] = None,
    on: Annotated[Day | None, Query(description="Who holds a seat on this day.")] = None,
) -> PageBody[MemberOut]:
    items, following = await service.members(session, MemberFilter(seat, on), page)
    link_next(request, response, following)
    return PageBody[MemberOut](items=items, next=following)


@router.post(
    "/members/{member_id}/leave", operation_id="end_membership", response_model=MemberOut, **WRITE
)
async def end_membership(
    member_id: UUID,
    body: LeaveRequest,
    _: LicensingWriter,
    session: Session,
    now: Now,
    effect: Effect,
) -> Response:
    """The last day on which the member holds the seat."""
    return await answer_once(
        session,
        effect,
        lambda: service.end_membership(session, member_id, body.valid_until, now),
        status=200,
    )
