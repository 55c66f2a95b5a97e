"""HTTP of instructions."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.parcels.dependencies import (
    Caller,
    Command,
    Database,
    Now,
    Offices,
    Page,
    Prices,
    Session,
    answer_once,
    require,
)
from services.parcels.redirects import service
from services.parcels.redirects.schemas import (
    InstructionOut,
    NewInstruction,
    RecipientInstruction,
)
from services.parcels.redirects.service import Known
from shared.errors import responses
from shared.fields import OfficeCode
from shared.pagination import PageBody, link_next

router = APIRouter(prefix="/v1", tags=["instructions"])

Booker = Annotated[Caller, Depends(require("parcels:book"))]
Reader = Annotated[Caller, Depends(require("parcels:read"))]
Scanner = Annotated[Caller, Depends(require("scans:write"))]
BarcodePath = Annotated[str, Path(max_length=40)]
COMMAND: dict[str, Any] = {
    "status_code": 201,
    "response_model": InstructionOut,
    "responses": responses(400, 401, 403, 404, 409, 413, 422, 503),
}


async def _known(offices: Offices, prices: Prices) -> Known:
    return Known(offices, prices)


Circumstances = Annotated[Known, Depends(_known)]


@router.post(
    "/parcels/{barcode}/instructions",
    operation_id="instruct",
    openapi_extra={"x-scope": "parcels:book"},
    **COMMAND,
)
async def instruct(
    barcode: BarcodePath,
    body: NewInstruction,
    caller: Booker,
    session: Session,
    known: Circumstances,
    now: Now,
    command: Command,
) -> Response:
    """Have one of your parcels held, redirected, given to somebody else or sent back.

    A redirect that is farther costs the difference, under the tariff of the booking.
    """
    return await answer_once(
        session,
        command,
        lambda: service.give(session, known, barcode, body.root, caller=caller, now=now),
    )


@router.post(
    "/tracking/{barcode}/instructions",
    operation_id="instruct_as_recipient",
    openapi_extra={"x-scope": "public"},
    **COMMAND,
)
async def instruct_as_recipient(
    barcode: BarcodePath,
    body: RecipientInstruction,
    session: Session,
    database: Database,
    known: Circumstances,
    now: Now,
    command: Command,
) -> Response:
    """Have a parcel that comes to you held, or delivered elsewhere where that costs no more."""
    return await answer_once(
        session,
        command,
        lambda: service.give_verified(session, database, known, barcode, body, now),
    )


@router.get(
    "/parcels/{barcode}/instructions",
    operation_id="list_instructions_of_parcel",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra={"x-scope": "parcels:read"},
)
async def list_instructions_of_parcel(
    barcode: BarcodePath, caller: Reader, session: Session
) -> list[InstructionOut]:
    """All that was asked for one of your parcels, newest first."""
    return await service.of_parcel(session, barcode, caller)


@router.post(
    "/parcels/{barcode}/instructions/{instruction_id}/withdraw",
    operation_id="withdraw_instruction",
    responses=responses(401, 403, 404, 409, 422, 503),
    openapi_extra={"x-scope": "parcels:book"},
)
async def withdraw_instruction(
    barcode: BarcodePath, instruction_id: UUID, caller: Booker, session: Session, now: Now
) -> InstructionOut:
    """Take back a hold or a recall that was not carried out yet."""
    return await service.withdraw(session, barcode, instruction_id, caller=caller, now=now)


@router.get(
    "/instructions",
    operation_id="list_instructions",
    responses=responses(401, 403, 422, 503),
    openapi_extra={"x-scope": "scans:write"},
)
async def list_instructions(
    request: Request,
    response: Response,
    page: Page,
    _: Scanner,
    session: Session,
    offices: Offices,
    office: Annotated[OfficeCode, Query()],
) -> PageBody[InstructionOut]:
    """What is to be done with the parcels that an office or its couriers have, oldest first."""
    found, cursor = await service.at_office(session, offices, office, page)
    link_next(request, response, cursor)
    return PageBody[InstructionOut](items=found, next=cursor)
