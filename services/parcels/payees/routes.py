"""HTTP of payees."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from services.parcels.dependencies import Caller, Command, Page, Session, require
from services.parcels.payees import service
from services.parcels.payees.schemas import NewPayee, PayeeOut
from shared.errors import responses
from shared.pagination import PageBody, link_next

router = APIRouter(prefix="/v1/payees", tags=["payments"])

WRITE: Final = "accounts:write"
Staff = Annotated[Caller, Depends(require(WRITE))]


@router.post(
    "",
    status_code=201,
    operation_id="register_payee",
    response_model=PayeeOut,
    responses=responses(400, 401, 403, 409, 413, 422, 503),
    openapi_extra={"x-scope": WRITE},
)
async def register_payee(
    body: NewPayee, caller: Staff, session: Session, once: Command
) -> Response:
    """The bank account (Sheba) that a partner is paid to from a day on; earlier ones stay known."""
    return (await service.register(session, body, caller=caller, once=once)).response()


@router.get(
    "",
    operation_id="list_payees",
    responses=responses(401, 403, 422, 503),
    openapi_extra={"x-scope": WRITE},
)
async def list_payees(
    request: Request,
    response: Response,
    page: Page,
    _: Staff,
    session: Session,
    partner: UUID | None = None,
) -> PageBody[PayeeOut]:
    """Every account that was ever registered, by partner and day: who said so and when."""
    found, cursor = await service.listing(session, partner, page)
    link_next(request, response, cursor)
    return PageBody[PayeeOut](items=found, next=cursor)
