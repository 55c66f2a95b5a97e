"""HTTP of counted cash."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Request, Response

from services.parcels.dependencies import (
    Caller,
    Command,
    Offices,
    Page,
    Session,
    require,
)
from services.parcels.drawers import service
from services.parcels.drawers.schemas import (
    DrawerCloseOut,
    DrawerOut,
    HandInOut,
    NewDrawerClose,
    NewHandIn,
)
from shared.errors import responses
from shared.fields import OfficeCode
from shared.pagination import PageBody, link_next

hand_ins = APIRouter(prefix="/v1/hand-ins", tags=["cash on delivery"])
drawers = APIRouter(prefix="/v1/drawers", tags=["cash on delivery"])

COUNT: Final = "cash:count"
Staff = Annotated[Caller, Depends(require(COUNT))]
Code = Annotated[OfficeCode, Path()]
COMMAND: Final[dict[str, Any]] = {
    "responses": responses(400, 401, 403, 404, 409, 413, 422, 503),
    "openapi_extra": {"x-scope": COUNT},
    "status_code": 201,
}
GET: Final[dict[str, Any]] = {
    "responses": responses(401, 403, 404, 422, 503),
    "openapi_extra": {"x-scope": COUNT},
}


@hand_ins.post("", operation_id="hand_in_cash", response_model=HandInOut, **COMMAND)
async def hand_in_cash(
    body: NewHandIn, caller: Staff, session: Session, offices: Offices, once: Command
) -> Response:
    """A courier gives an office all the cash he has of ours; the office numbers a receipt."""
    made = await service.hand_in(session, offices, body, caller=caller, once=once)
    return made.response()


@drawers.get("/{code}", operation_id="get_drawer", **GET)
async def get_drawer(code: Code, caller: Staff, session: Session, offices: Offices) -> DrawerOut:
    return await service.drawer(session, offices, code, caller)


@drawers.get("/{code}/hand-ins", operation_id="list_hand_ins", **GET)
async def list_hand_ins(
    request: Request,
    response: Response,
    code: Code,
    page: Page,
    caller: Staff,
    session: Session,
    offices: Offices,
) -> PageBody[HandInOut]:
    """By receipt number."""
    found, cursor = await service.hand_ins(session, offices, code, caller, page)
    link_next(request, response, cursor)
    return PageBody[HandInOut](items=found, next=cursor)


@drawers.post(
    "/{code}/closes", operation_id="close_drawer", response_model=DrawerCloseOut, **COMMAND
)
async def close_drawer(
    code: Code,
    body: NewDrawerClose,
    caller: Staff,
    session: Session,
    offices: Offices,
    once: Command,
) -> Response:
    """End an office's day: what was counted goes to the bank, the takings become due."""
    made = await service.close(session, offices, code, body, caller=caller, once=once)
    return made.response()


@drawers.get("/{code}/closes", operation_id="list_drawer_closes", **GET)
async def list_drawer_closes(
    request: Request,
    response: Response,
    code: Code,
    page: Page,
    caller: Staff,
    session: Session,
    offices: Offices,
) -> PageBody[DrawerCloseOut]:
    """Newest first."""
    found, cursor = await service.closes(session, offices, code, caller, page)
    link_next(request, response, cursor)
    return PageBody[DrawerCloseOut](items=found, next=cursor)
