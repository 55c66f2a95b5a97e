"""HTTP of quotes."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from services.parcels.dependencies import Caller, Effect, Now, Prices, Session, require
from services.parcels.quotes import service
from services.parcels.quotes.schemas import QuoteBody, QuoteQuery, QuoteRequest
from shared.body import Body, body_extra, json_body
from shared.errors import responses

router = APIRouter(prefix="/v1/quotes", tags=["tariff"])

Booker = Annotated[Caller, Depends(require("parcels:book"))]


@router.post(
    "",
    operation_id="quote",
    response_model=QuoteBody,
    responses={
        **responses(400, 401, 403, 409, 413, 422, 503),
        201: {"model": QuoteBody, "description": "The price is held"},
    },
    openapi_extra={"x-scope": "public", **body_extra(QuoteRequest)},
)
async def quote(
    body: Annotated[Body[QuoteRequest], Depends(json_body(QuoteRequest))],
    caller: Caller,
    session: Session,
    prices: Prices,
    now: Now,
    once: Effect,
) -> Response:
    """What it costs, line by line, naming the tariff; with `lock`, held for a day."""
    answer = await service.quote(session, prices, body.value, caller=caller, once=once, now=now)
    return answer.response()


@router.get(
    "",
    operation_id="quote_of",
    responses=responses(401, 409, 422, 503),
    openapi_extra={"x-scope": "public"},
)
async def quote_of(asked: Annotated[QuoteQuery, Query()], prices: Prices, now: Now) -> QuoteBody:
    """The same without a body: what it costs, or cost `on` a day."""
    return service.priced(prices, asked, now)


@router.get(
    "/{quote_id}",
    operation_id="get_quote",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra={"x-scope": "parcels:book"},
)
async def get_quote(quote_id: UUID, caller: Booker, session: Session) -> QuoteBody:
    """A price you hold or held."""
    return await service.get(session, caller, quote_id)
