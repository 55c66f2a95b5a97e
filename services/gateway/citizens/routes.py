"""Citizens sign in by a code to their phone."""

from fastapi import APIRouter

from services.gateway.citizens import service
from services.gateway.citizens.schemas import CitizenSignIn, CodeSent, CodeWanted
from services.gateway.dependencies import Address, Now, TheirDoors
from services.gateway.sessions.schemas import OpenedSession
from shared.errors import responses

PUBLIC = {"x-scope": "public"}
router = APIRouter(prefix="/v1/citizens", tags=["citizens"])


@router.post(
    "/codes",
    status_code=202,
    operation_id="send_citizen_code",
    openapi_extra=PUBLIC,
    responses=responses(400, 401, 413, 422, 429, 503),
)
async def send_citizen_code(
    wanted: CodeWanted, people: TheirDoors, address: Address, now: Now
) -> CodeSent:
    return await service.send_code(people, wanted.phone, address, now)


@router.post(
    "/sessions",
    status_code=201,
    operation_id="sign_in_citizen",
    openapi_extra=PUBLIC,
    responses=responses(400, 401, 413, 422, 429, 503),
)
async def sign_in_citizen(
    asked: CitizenSignIn, people: TheirDoors, address: Address, now: Now
) -> OpenedSession:
    return await service.sign_in(people, asked, address, now)
