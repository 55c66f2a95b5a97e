"""Accounts of people who work here; for administrators, in the live world."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.gateway.dependencies import AccountSession, Effect, Now, Page, StaffAdministrator
from services.gateway.roles.domain import RoleName
from services.gateway.sessions.schemas import Ended
from services.gateway.staff import service
from services.gateway.staff.schemas import NewStaff, StaffBody, StaffChange
from shared.errors import responses
from shared.fields import OfficeCode
from shared.pagination import PageBody, link_next

SCOPE = {"x-scope": "staff:write"}
router = APIRouter(prefix="/v1/staff", tags=["staff"])


@router.post(
    "",
    status_code=201,
    operation_id="create_staff",
    openapi_extra=SCOPE,
    response_model=StaffBody,
    responses=responses(400, 401, 403, 409, 413, 422, 503),
)
async def create_staff(
    new: NewStaff, session: AccountSession, by: StaffAdministrator, now: Now, once: Effect
) -> Response:
    return (await service.open_account(session, new, by, once, now)).response()


@router.get(
    "",
    operation_id="list_staff",
    openapi_extra=SCOPE,
    responses=responses(401, 403, 422, 503),
)
async def list_staff(
    session: AccountSession,
    _: StaffAdministrator,
    page: Page,
    request: Request,
    response: Response,
    *,
    office: Annotated[OfficeCode | None, Query()] = None,
    role: Annotated[RoleName | None, Query()] = None,
) -> PageBody[StaffBody]:
    items, following = await service.list_staff(session, page, office, role)
    link_next(request, response, following)
    return PageBody(items=items, next=following)


@router.get(
    "/{staff_id}",
    operation_id="get_staff",
    openapi_extra=SCOPE,
    responses=responses(401, 403, 404, 422, 503),
)
async def get_staff(
    staff_id: uuid.UUID, session: AccountSession, _: StaffAdministrator
) -> StaffBody:
    return await service.get(session, staff_id)


@router.put(
    "/{staff_id}/role",
    operation_id="change_staff_role",
    openapi_extra=SCOPE,
    responses=responses(400, 401, 403, 404, 413, 422, 503),
)
async def change_staff_role(
    staff_id: uuid.UUID,
    to: StaffChange,
    session: AccountSession,
    by: StaffAdministrator,
    now: Now,
) -> StaffBody:
    return await service.change(session, staff_id, to, by, now)


@router.post(
    "/{staff_id}/sign-out",
    operation_id="sign_out_staff",
    openapi_extra=SCOPE,
    responses=responses(401, 403, 404, 422, 503),
)
async def sign_out_staff(
    staff_id: uuid.UUID, session: AccountSession, by: StaffAdministrator, now: Now
) -> Ended:
    return await service.sign_out(session, staff_id, by, now)


@router.delete(
    "/{staff_id}/second-factor",
    operation_id="reset_second_factor",
    openapi_extra=SCOPE,
    responses=responses(401, 403, 404, 422, 503),
)
async def reset_second_factor(
    staff_id: uuid.UUID, session: AccountSession, by: StaffAdministrator, now: Now
) -> StaffBody:
    return await service.reset_factor(session, staff_id, by, now)
