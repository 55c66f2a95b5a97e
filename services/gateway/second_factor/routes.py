"""One's own second factor."""

from fastapi import APIRouter

from services.gateway.dependencies import AccountSession, Now, Pepper, SignedInStaff
from services.gateway.second_factor import service
from services.gateway.second_factor.schemas import FactorBegun, FactorConfirmed
from shared.errors import responses

SCOPE = {"x-scope": "session:staff"}
router = APIRouter(prefix="/v1/me/second-factor", tags=["sessions"])


@router.post(
    "",
    status_code=201,
    operation_id="begin_second_factor",
    openapi_extra=SCOPE,
    responses=responses(401, 403, 404, 409, 503),
)
async def begin_second_factor(
    session: AccountSession, caller: SignedInStaff, pepper: Pepper, now: Now
) -> FactorBegun:
    return await service.begin(session, caller, pepper, now)


@router.post(
    "/confirm",
    status_code=204,
    operation_id="confirm_second_factor",
    openapi_extra=SCOPE,
    responses=responses(400, 401, 403, 404, 409, 413, 422, 503),
)
async def confirm_second_factor(
    answer: FactorConfirmed,
    session: AccountSession,
    caller: SignedInStaff,
    pepper: Pepper,
    now: Now,
) -> None:
    await service.confirm(session, caller, answer.code, pepper, now)
