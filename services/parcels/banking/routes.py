"""HTTP of a bank's branches."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.parcels.banking import service
from services.parcels.banking.schemas import BranchCode, BranchIn, BranchOut, CostsOut
from services.parcels.caches import Desk
from services.parcels.dependencies import Page, Session, desk
from shared.errors import responses
from shared.fields import PeriodText
from shared.pagination import PageBody, link_next

router = APIRouter(tags=["bank mail"])

Booker = Annotated[Desk, Depends(desk("parcels:book"))]
Reader = Annotated[Desk, Depends(desk("parcels:read"))]
BranchPath = Annotated[BranchCode, Path()]


@router.put(
    "/v1/bank-branches/{branch}",
    operation_id="save_branch",
    responses=responses(400, 401, 403, 413, 422, 503),
    openapi_extra={"x-scope": "parcels:book"},
)
async def save_branch(
    branch: BranchPath, body: BranchIn, at: Booker, session: Session
) -> BranchOut:
    """A branch of yours: bookings name it, and its cost centre pays for them."""
    return await service.save(session, at, branch, body)


@router.get(
    "/v1/bank-branches",
    operation_id="list_branches",
    responses=responses(401, 403, 422, 503),
    openapi_extra={"x-scope": "parcels:read"},
)
async def list_branches(
    request: Request, response: Response, page: Page, at: Reader, session: Session
) -> PageBody[BranchOut]:
    """Your own branches, by code."""
    found, cursor = await service.listing(session, at, page)
    link_next(request, response, cursor)
    return PageBody[BranchOut](items=found, next=cursor)


@router.get(
    "/v1/bank-branches/{branch}",
    operation_id="get_branch",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra={"x-scope": "parcels:read"},
)
async def get_branch(branch: BranchPath, at: Reader, session: Session) -> BranchOut:
    return await service.get(session, at, branch)


@router.get(
    "/v1/bank-mail/costs",
    operation_id="bank_mail_costs",
    responses=responses(401, 403, 422, 503),
    openapi_extra={"x-scope": "parcels:read"},
)
async def bank_mail_costs(
    at: Reader, session: Session, month: Annotated[PeriodText, Query()]
) -> CostsOut:
    """What your mail of a Jalali month cost, by cost centre and branch."""
    return await service.costs(session, at, month)
