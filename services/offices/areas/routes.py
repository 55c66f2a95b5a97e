"""HTTP of service areas."""

from fastapi import APIRouter, Request, Response

from services.offices.areas import service
from services.offices.areas.schemas import AreaIn, AreaOut, OfficesOf, OverlapOut
from services.offices.dependencies import WRITE, Now, Page, Session, Writer
from shared.errors import responses
from shared.fields import OfficeCode, PostalCode
from shared.pagination import PageBody, link_next

of_office = APIRouter(prefix="/v1/offices/{code}/area", tags=["areas"])
router = APIRouter(prefix="/v1/areas", tags=["areas"])

PUBLIC = {"x-scope": "public"}
WRITERS = {"x-scope": WRITE}


@of_office.get(
    "",
    operation_id="get_area",
    responses=responses(401, 404, 422, 503),
    openapi_extra=PUBLIC,
)
async def get_area(code: OfficeCode, session: Session) -> AreaOut:
    return AreaOut.model_validate(await service.area(session, code))


@of_office.put(
    "",
    operation_id="put_area",
    responses=responses(400, 401, 403, 404, 409, 413, 422, 503),
    openapi_extra=WRITERS,
)
async def put_area(
    code: OfficeCode, body: AreaIn, _: Writer, session: Session, now: Now
) -> AreaOut:
    return AreaOut.model_validate(await service.replace(session, code, body, now=now))


@router.get(
    "/overlaps",
    operation_id="list_area_overlaps",
    responses=responses(401, 422, 503),
    openapi_extra=PUBLIC,
)
async def list_area_overlaps(
    request: Request, response: Response, page: Page, session: Session
) -> PageBody[OverlapOut]:
    overlaps, following = await service.overlaps(session, page)
    link_next(request, response, following)
    return PageBody[OverlapOut](
        items=[OverlapOut.model_validate(overlap) for overlap in overlaps], next=following
    )


@router.get(
    "/of/{postal_code}",
    operation_id="find_area_offices",
    responses=responses(401, 422, 503),
    openapi_extra=PUBLIC,
)
async def find_area_offices(postal_code: PostalCode, session: Session) -> OfficesOf:
    return OfficesOf.model_validate(await service.offices_of(session, postal_code))
