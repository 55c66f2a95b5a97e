"""Devices of clerks and couriers: enrolled, signed in on, revoked."""

import uuid

from fastapi import APIRouter

from services.gateway.dependencies import AccountSession, Address, Enroller, Now, TheirDoors
from services.gateway.devices import service
from services.gateway.devices.schemas import (
    Challenge,
    DeviceBody,
    DevicesBody,
    DeviceSignIn,
    NewDevice,
)
from services.gateway.sessions.schemas import OpenedSession
from shared.errors import responses

PUBLIC = {"x-scope": "public"}
SCOPE = {"x-scope": "devices:enrol"}
router = APIRouter(prefix="/v1", tags=["devices"])


@router.post(
    "/devices",
    status_code=201,
    operation_id="enrol_device",
    openapi_extra=PUBLIC,
    responses=responses(400, 401, 404, 409, 413, 422, 429, 503),
)
async def enrol_device(
    new: NewDevice, people: TheirDoors, address: Address, now: Now
) -> DeviceBody:
    return await service.enrol(people, new, address, now)


@router.post(
    "/devices/{device_id}/challenges",
    status_code=201,
    operation_id="challenge_device",
    openapi_extra=PUBLIC,
    responses=responses(401, 422, 503),
)
async def challenge_device(device_id: uuid.UUID, people: TheirDoors, now: Now) -> Challenge:
    return await service.challenge(people, device_id, now)


@router.post(
    "/devices/{device_id}/sessions",
    status_code=201,
    operation_id="sign_in_on_device",
    openapi_extra=PUBLIC,
    responses=responses(400, 401, 413, 422, 503),
)
async def sign_in_on_device(
    device_id: uuid.UUID, asked: DeviceSignIn, people: TheirDoors, now: Now
) -> OpenedSession:
    return await service.sign_in(people, device_id, asked, now)


@router.get(
    "/staff/{staff_id}/devices",
    operation_id="list_devices",
    openapi_extra=SCOPE,
    responses=responses(401, 403, 404, 422, 503),
)
async def list_devices(
    staff_id: uuid.UUID, session: AccountSession, caller: Enroller
) -> DevicesBody:
    return await service.list_devices(session, staff_id, caller)


@router.delete(
    "/staff/{staff_id}/devices/{device_id}",
    status_code=204,
    operation_id="revoke_device",
    openapi_extra=SCOPE,
    responses=responses(401, 403, 404, 422, 503),
)
async def revoke_device(
    staff_id: uuid.UUID,
    device_id: uuid.UUID,
    session: AccountSession,
    caller: Enroller,
    now: Now,
) -> None:
    await service.revoke(session, staff_id, device_id, caller, now)
