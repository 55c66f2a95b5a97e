"""HTTP of customers' returns."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response

from services.parcels.dependencies import (
    Caller,
    Command,
    Desk,
    Now,
    Session,
    answer_once,
    desk,
    require,
)
from services.parcels.returns import service
from services.parcels.returns.schemas import (
    NewReturn,
    RecipientReturn,
    ReturnAtCounter,
    ReturnOut,
)
from shared.errors import responses

router = APIRouter(prefix="/v1", tags=["returns"])

Reader = Annotated[Caller, Depends(require("parcels:read"))]
BarcodePath = Annotated[str, Path(max_length=40)]
COMMAND: dict[str, Any] = {
    "status_code": 201,
    "response_model": ReturnOut,
    "responses": responses(400, 401, 403, 404, 409, 413, 422, 503),
}


@router.post(
    "/parcels/{barcode}/return",
    operation_id="return_parcel",
    openapi_extra={"x-scope": "parcels:book"},
    **COMMAND,
)
async def return_parcel(
    barcode: BarcodePath,
    body: NewReturn,
    at: Annotated[Desk, Depends(desk("parcels:book"))],
    session: Session,
    command: Command,
) -> Response:
    """Have a delivered parcel of yours sent back to you: a booking of its own, with its price.

    Within seven working days from delivery (E-Commerce Act, art. 37). The customer hands it in by
    its label, or shows the code at a counter.
    """
    return await answer_once(session, command, lambda: service.ask(session, at, barcode, body))


@router.post(
    "/tracking/{barcode}/return",
    operation_id="return_parcel_as_recipient",
    openapi_extra={"x-scope": "public"},
    **COMMAND,
)
async def return_parcel_as_recipient(
    barcode: BarcodePath,
    body: RecipientReturn,
    at: Annotated[Desk, Depends(desk())],
    session: Session,
    command: Command,
) -> Response:
    """Send back what was delivered to you, within seven working days."""
    return await answer_once(
        session, command, lambda: service.ask_verified(session, at, barcode, body)
    )


@router.get(
    "/parcels/{barcode}/return",
    operation_id="get_return_of_parcel",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra={"x-scope": "parcels:read"},
)
async def get_return_of_parcel(barcode: BarcodePath, caller: Reader, session: Session) -> ReturnOut:
    """The return of a delivered parcel of yours."""
    return await service.of_parcel(session, caller, barcode)


@router.get(
    "/returns/{return_code}",
    operation_id="get_return_by_code",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra={"x-scope": "scans:write"},
)
async def get_return_by_code(
    return_code: Annotated[str, Path(max_length=40)],
    _: Annotated[Caller, Depends(require("scans:write"))],
    session: Session,
    now: Now,
) -> ReturnAtCounter:
    """At a counter: which barcode the code that a customer shows stands for."""
    return await service.at_counter(session, return_code, now)
