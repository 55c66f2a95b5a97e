"""HTTP of holding and returns."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.parcels.caches import Desk
from services.parcels.dependencies import Effect, Page, Session, desk
from services.parcels.holding import service
from services.parcels.holding.schemas import HoldingOut, ReturnOut, RuleIn, RuleOut, RulesOut
from shared.errors import responses
from shared.fields import OfficeCode
from shared.pagination import PageBody, link_next

router = APIRouter(tags=["delivery"])

Clerk = Annotated[Desk, Depends(desk("delivery:write"))]
Owner = Annotated[Desk, Depends(desk("parcels:read"))]
Decider = Annotated[Desk, Depends(desk("custody:decide"))]
BarcodePath = Annotated[str, Path(max_length=40)]
OWN: Final[dict[str, Any]] = {
    "responses": responses(401, 403, 404, 422, 503),
    "openapi_extra": {"x-scope": "parcels:read"},
}


@router.get(
    "/v1/holding-rules",
    operation_id="list_holding_rules",
    responses=responses(401, 503),
    openapi_extra={"x-scope": "public"},
)
async def list_holding_rules(session: Session) -> RulesOut:
    """How many notices are left, how long a parcel waits, what its return costs: by day."""
    return await service.rules(session)


@router.post(
    "/v1/holding-rules",
    status_code=201,
    operation_id="set_holding_rule",
    response_model=RuleOut,
    responses=responses(400, 401, 403, 409, 413, 422, 503),
    openapi_extra={"x-scope": "custody:decide"},
)
async def set_holding_rule(body: RuleIn, at: Decider, session: Session, once: Effect) -> Response:
    """From a day to come on."""
    return (await service.set_rule(session, at, body, once)).response()


@router.get(
    "/v1/holdings",
    operation_id="list_holdings",
    responses=responses(401, 403, 422, 503),
    openapi_extra={"x-scope": "delivery:write"},
)
async def list_holdings(
    request: Request,
    response: Response,
    page: Page,
    at: Clerk,
    session: Session,
    office: Annotated[OfficeCode, Query()],
) -> PageBody[HoldingOut]:
    """What waits at an office for its recipients, and until when."""
    found, cursor = await service.at_office(session, at, office, page)
    link_next(request, response, cursor)
    return PageBody[HoldingOut](items=found, next=cursor)


@router.get("/v1/parcels/{barcode}/holding", operation_id="get_holding", **OWN)
async def get_holding(barcode: BarcodePath, at: Owner, session: Session) -> HoldingOut:
    """Until when a parcel of yours waits for its recipient."""
    return await service.of_own(session, at, barcode)


@router.get("/v1/parcels/{barcode}/return-leg", operation_id="get_return_leg", **OWN)
async def get_return_leg(barcode: BarcodePath, at: Owner, session: Session) -> ReturnOut:
    """The way back of a parcel of yours: what it costs, until when it is promised."""
    return await service.return_of_own(session, at, barcode)
