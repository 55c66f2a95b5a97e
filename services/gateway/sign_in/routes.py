"""Signing in with a password."""

from fastapi import APIRouter

from services.gateway.dependencies import Address, Now, TheirDoors
from services.gateway.sessions.schemas import OpenedSession
from services.gateway.sign_in import service
from services.gateway.sign_in.schemas import SignIn
from shared.errors import responses

router = APIRouter(tags=["sessions"])


@router.post(
    "/v1/sessions",
    status_code=201,
    operation_id="sign_in",
    openapi_extra={"x-scope": "public"},
    responses=responses(400, 401, 413, 422, 429, 503),
)
async def sign_in(asked: SignIn, people: TheirDoors, address: Address, now: Now) -> OpenedSession:
    return await service.sign_in(people, asked, address, now)
