"""HTTP of bags."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request, Response

from services.parcels.bags import contents, recording, service
from services.parcels.bags.schemas import (
    BagInFull,
    BagOut,
    BagScanResults,
    BagScans,
    MemberOut,
    NewBag,
    OpeningIn,
    OpeningOut,
    PackingResults,
    Packings,
    StatusName,
)
from services.parcels.dependencies import (
    Caller,
    Desk,
    Effect,
    Now,
    Offices,
    Page,
    Session,
    desk,
    require,
)
from shared.errors import responses
from shared.fields import OfficeCode
from shared.pagination import PageBody, link_next

bags = APIRouter(prefix="/v1/bags", tags=["bags"])
scans = APIRouter(prefix="/v1/bag-scans", tags=["bags"])

SCOPE = "scans:write"
Clerk = Annotated[Caller, Depends(require(SCOPE))]
ClerksDesk = Annotated[Desk, Depends(desk(SCOPE))]
BagPath = Annotated[str, Path(max_length=60)]
EXTRA = {"x-scope": SCOPE}


@bags.post(
    "",
    status_code=201,
    operation_id="create_bag",
    response_model=BagOut,
    responses=responses(400, 401, 403, 409, 413, 422, 503),
    openapi_extra=EXTRA,
)
async def create_bag(
    body: NewBag, caller: Clerk, session: Session, offices: Offices, now: Now, once: Effect
) -> Response:
    """An empty bag, and its barcode."""
    answer = await service.create(session, offices, body, caller=caller, once=once, now=now)
    return answer.response()


@bags.get(
    "",
    operation_id="list_bags",
    responses=responses(401, 403, 422, 503),
    openapi_extra=EXTRA,
)
async def list_bags(
    request: Request,
    response: Response,
    page: Page,
    session: Session,
    offices: Offices,
    _: Clerk,
    from_office: OfficeCode | None = None,
    to_office: OfficeCode | None = None,
    status: StatusName | None = None,
    dispatch: UUID | None = None,
) -> PageBody[BagOut]:
    """Newest first."""
    wanted = {
        "from_office": from_office,
        "to_office": to_office,
        "status": status,
        "dispatch": dispatch,
    }
    found, cursor = await service.listing(session, offices, wanted, page)
    link_next(request, response, cursor)
    return PageBody[BagOut](items=found, next=cursor)


@bags.get(
    "/{bag}",
    operation_id="get_bag",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra=EXTRA,
)
async def get_bag(bag: BagPath, session: Session, offices: Offices, _: Clerk) -> BagInFull:
    """A bag with its events and what did not fit about them."""
    return await service.get(session, offices, bag)


@bags.get(
    "/{bag}/items",
    operation_id="list_bag_items",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra=EXTRA,
)
async def list_bag_items(
    request: Request, response: Response, bag: BagPath, page: Page, session: Session, _: Clerk
) -> PageBody[MemberOut]:
    """What is and was in a bag, and when."""
    found, cursor = await service.members(session, bag, page)
    link_next(request, response, cursor)
    return PageBody[MemberOut](items=found, next=cursor)


@bags.post(
    "/{bag}/items",
    operation_id="pack_bag",
    responses=responses(400, 401, 403, 404, 409, 413, 422, 503),
    openapi_extra=EXTRA,
)
async def pack_bag(bag: BagPath, body: Packings, at: ClerksDesk) -> PackingResults:
    """Record up to 1,000 items put into a bag or taken out; a repeated one is a `duplicate`."""
    return await contents.pack(at, bag, body.items)


@bags.post(
    "/{bag}/openings",
    operation_id="open_bag",
    responses=responses(400, 401, 403, 404, 413, 422, 503),
    openapi_extra=EXTRA,
)
async def open_bag(bag: BagPath, body: OpeningIn, at: ClerksDesk) -> OpeningOut:
    """A bag was opened: what was in it has arrived; what is missing or unexpected is told."""
    return await contents.open_bag(at, bag, body)


@scans.post(
    "",
    operation_id="record_bag_scans",
    responses=responses(400, 401, 403, 413, 422, 503),
    openapi_extra=EXTRA,
)
async def record_bag_scans(body: BagScans, at: ClerksDesk) -> BagScanResults:
    """Record up to 200 scans of bags: each is a scan of all parcels in the bag."""
    return await recording.record_scans(at, body.scans)
