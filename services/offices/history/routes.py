"""HTTP of an office's history."""

from typing import Any

from fastapi import APIRouter, Response

from services.offices.dependencies import (
    LICENSING_READ,
    WRITE,
    Effect,
    LicensingReader,
    Now,
    Session,
    Writer,
    answer_once,
    shown,
)
from services.offices.history import service
from services.offices.history.domain import Change
from services.offices.history.schemas import (
    ChangeOut,
    Closing,
    Conversion,
    HistoryOut,
    HoldersOut,
    Relocation,
    Transfer,
)
from services.offices.registry.schemas import OfficeChange, OfficeOut
from shared.errors import responses
from shared.fields import OfficeCode

router = APIRouter(prefix="/v1/offices/{code}", tags=["offices"])

WRITERS = {"x-scope": WRITE}
STAFF = {"x-scope": LICENSING_READ}
CHANGE: dict[str, Any] = {
    "responses": responses(400, 401, 403, 404, 409, 413, 422, 503),
    "openapi_extra": WRITERS,
}
READ: dict[str, Any] = {"responses": responses(401, 403, 404, 422, 503)}


@router.patch("", operation_id="change_office", **CHANGE)
async def change_office(
    code: OfficeCode, body: OfficeChange, _: Writer, session: Session, now: Now
) -> OfficeOut:
    return OfficeOut.model_validate(await service.correct(session, code, body, now=now))


@router.post("/convert", operation_id="convert_office", response_model=ChangeOut, **CHANGE)
async def convert_office(
    code: OfficeCode, body: Conversion, caller: Writer, session: Session, now: Now, once: Effect
) -> Response:
    return await answer_once(
        session,
        once,
        lambda: shown(ChangeOut, service.convert(session, code, body, caller=caller, now=now)),
        status=200,
    )


@router.post("/relocate", operation_id="relocate_office", response_model=ChangeOut, **CHANGE)
async def relocate_office(
    code: OfficeCode, body: Relocation, caller: Writer, session: Session, now: Now, once: Effect
) -> Response:
    return await answer_once(
        session,
        once,
        lambda: shown(ChangeOut, service.relocate(session, code, body, caller=caller, now=now)),
        status=200,
    )


@router.post("/transfer", operation_id="transfer_office", response_model=ChangeOut, **CHANGE)
async def transfer_office(
    code: OfficeCode, body: Transfer, caller: Writer, session: Session, now: Now, once: Effect
) -> Response:
    return await answer_once(
        session,
        once,
        lambda: shown(ChangeOut, service.transfer(session, code, body, caller=caller, now=now)),
        status=200,
    )


@router.post("/close", operation_id="close_office", response_model=OfficeOut, **CHANGE)
async def close_office(
    code: OfficeCode, body: Closing, caller: Writer, session: Session, now: Now, once: Effect
) -> Response:
    return await answer_once(
        session,
        once,
        lambda: shown(OfficeOut, service.close(session, code, body.reason, caller=caller, now=now)),
        status=200,
    )


@router.delete(
    "/plans/{change}",
    operation_id="cancel_office_plan",
    status_code=204,
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra=WRITERS,
)
async def cancel_office_plan(
    code: OfficeCode, change: Change, _: Writer, session: Session, now: Now
) -> None:
    await service.cancel_plan(session, code, change, now=now)


@router.get("/history", operation_id="get_office_history", **READ, openapi_extra=WRITERS)
async def get_office_history(code: OfficeCode, _: Writer, session: Session) -> HistoryOut:
    return HistoryOut.model_validate(await service.history(session, code))


@router.get("/holders", operation_id="list_office_holders", **READ, openapi_extra=STAFF)
async def list_office_holders(code: OfficeCode, _: LicensingReader, session: Session) -> HoldersOut:
    return HoldersOut.model_validate({"items": await service.holders(session, code)})
