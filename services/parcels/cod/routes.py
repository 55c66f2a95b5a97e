"""HTTP of cash on delivery."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from services.parcels.cod import service
from services.parcels.cod.schemas import CourierName, Owed, OwnTaking, TakingOut
from services.parcels.cod.service import Holder
from services.parcels.dependencies import Caller, Offices, Page, Session, require
from shared.errors import responses
from shared.fields import OfficeCode
from shared.pagination import PageBody, link_next

router = APIRouter(prefix="/v1/cod", tags=["cash on delivery"])

WRITE: Final = "accounts:write"
Staff = Annotated[Caller, Depends(require(WRITE))]
LIST: Final[dict[str, Any]] = {
    "responses": responses(401, 403, 422, 503),
    "openapi_extra": {"x-scope": WRITE},
}


async def _holder(
    collector: CourierName | None = None,
    office: OfficeCode | None = None,
    partner: UUID | None = None,
) -> Holder:
    return Holder(collector, office, partner)


@router.get(
    "",
    operation_id="list_own_cod",
    responses=responses(401, 403, 422, 503),
    openapi_extra={"x-scope": "parcels:read"},
)
async def list_own_cod(
    request: Request,
    response: Response,
    page: Page,
    caller: Annotated[Caller, Depends(require("parcels:read"))],
    session: Session,
    payment_order: UUID | None = None,
) -> PageBody[OwnTaking]:
    """Cash taken for your own parcels, and how far it is on its way to you; or of one payment."""
    found, cursor = await service.own(session, caller, payment_order, page)
    link_next(request, response, cursor)
    return PageBody[OwnTaking](items=found, next=cursor)


@router.get("/owed", operation_id="list_owed_cod", **LIST)
async def list_owed_cod(
    request: Request, response: Response, page: Page, _: Staff, session: Session, offices: Offices
) -> PageBody[Owed]:
    """Who holds how much that is not paid out: couriers, offices, then what is due to partners."""
    found, cursor = await service.owed(session, offices, page)
    link_next(request, response, cursor)
    return PageBody[Owed](items=found, next=cursor)


@router.get("/takings", operation_id="list_cod_takings", **LIST)
async def list_cod_takings(
    request: Request,
    response: Response,
    page: Page,
    _: Staff,
    session: Session,
    offices: Offices,
    holder: Annotated[Holder, Depends(_holder)],
) -> PageBody[TakingOut]:
    """Takings: those in a collector's hands, in an office's drawer, a partner's wherever."""
    found, cursor = await service.takings(session, offices, holder, page)
    link_next(request, response, cursor)
    return PageBody[TakingOut](items=found, next=cursor)
