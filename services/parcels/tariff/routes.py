"""HTTP of the tariff."""

from typing import Annotated

from fastapi import APIRouter, Depends

from services.parcels.dependencies import Now, Prices
from services.parcels.tariff import service
from services.parcels.tariff.schemas import QuoteBody, QuoteRequest
from shared.body import Body, body_extra, json_body
from shared.errors import responses

router = APIRouter(prefix="/v1/quotes", tags=["tariff"])


@router.post(
    "",
    operation_id="quote",
    responses=responses(409, 413, 422),
    openapi_extra={"x-scope": "public", **body_extra(QuoteRequest)},
)
async def quote(
    body: Annotated[Body[QuoteRequest], Depends(json_body(QuoteRequest))], prices: Prices, now: Now
) -> QuoteBody:
    """What it costs today, line by line, naming the tariff version."""
    return service.quote(prices, body.value, now)
