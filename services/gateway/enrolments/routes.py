"""Codes that a manager hands over, and the password that is set by one."""

import uuid

from fastapi import APIRouter

from services.gateway.dependencies import (
    AccountSession,
    Address,
    Enroller,
    Now,
    Pepper,
    StaffAdministrator,
    TheirDoors,
)
from services.gateway.enrolments import service
from services.gateway.enrolments.schemas import IssuedCode, NewPassword
from shared.errors import responses

router = APIRouter(prefix="/v1/staff", tags=["staff"])


@router.post(
    "/password",
    status_code=204,
    operation_id="set_password",
    openapi_extra={"x-scope": "public"},
    responses=responses(400, 401, 413, 422, 429, 503),
)
async def set_password(new: NewPassword, people: TheirDoors, address: Address, now: Now) -> None:
    await service.set_password(people, new, address, now)


@router.post(
    "/{staff_id}/password-codes",
    status_code=201,
    operation_id="issue_password_code",
    openapi_extra={"x-scope": "staff:write"},
    responses=responses(401, 403, 404, 409, 422, 503),
)
async def issue_password_code(
    staff_id: uuid.UUID,
    session: AccountSession,
    by: StaffAdministrator,
    pepper: Pepper,
    now: Now,
) -> IssuedCode:
    return await service.issue(session, staff_id, "password", by, pepper, now)


@router.post(
    "/{staff_id}/device-codes",
    status_code=201,
    operation_id="issue_device_code",
    openapi_extra={"x-scope": "devices:enrol"},
    responses=responses(401, 403, 404, 409, 422, 503),
)
async def issue_device_code(
    staff_id: uuid.UUID, session: AccountSession, by: Enroller, pepper: Pepper, now: Now
) -> IssuedCode:
    return await service.issue(session, staff_id, "device", by, pepper, now)
