"""One's own sessions, of staff and of citizens."""

import uuid

from fastapi import APIRouter

from services.gateway.dependencies import AccountSession, Now, SignedIn
from services.gateway.sessions import service
from services.gateway.sessions.schemas import Ended, Me, SessionsBody
from shared.errors import responses

SCOPE = {"x-scope": "session"}
router = APIRouter(tags=["sessions"])


@router.get(
    "/v1/me", operation_id="get_me", openapi_extra=SCOPE, responses=responses(401, 403, 503)
)
async def get_me(caller: SignedIn) -> Me:
    return service.me(caller)


@router.get(
    "/v1/sessions",
    operation_id="list_sessions",
    openapi_extra=SCOPE,
    responses=responses(401, 403, 503),
)
async def list_sessions(session: AccountSession, caller: SignedIn) -> SessionsBody:
    return await service.list_own(session, caller)


@router.delete(
    "/v1/sessions",
    operation_id="end_sessions",
    openapi_extra=SCOPE,
    responses=responses(401, 403, 503),
)
async def end_sessions(session: AccountSession, caller: SignedIn, now: Now) -> Ended:
    """Log out everywhere, here too."""
    return Ended(sessions=await service.end_own(session, caller, now))


@router.delete(
    "/v1/sessions/current",
    status_code=204,
    operation_id="end_current_session",
    openapi_extra=SCOPE,
    responses=responses(401, 403, 503),
)
async def end_current_session(session: AccountSession, caller: SignedIn, now: Now) -> None:
    await service.end_current(session, caller, now)


@router.delete(
    "/v1/sessions/{session_id}",
    status_code=204,
    operation_id="end_session",
    openapi_extra=SCOPE,
    responses=responses(401, 403, 404, 422, 503),
)
async def end_session(
    session_id: uuid.UUID, session: AccountSession, caller: SignedIn, now: Now
) -> None:
    await service.end_one(session, session_id, caller, now)
