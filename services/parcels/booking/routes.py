"""HTTP of booking."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.parcels.booking import lines, service
from services.parcels.booking.repository import Filter
from services.parcels.booking.schemas import (
    BatchBody,
    Booking,
    BookingBatch,
    ParcelBody,
    StatusName,
)
from services.parcels.dependencies import (
    Caller,
    Desk,
    IdempotencyKey,
    Now,
    Offices,
    Page,
    Session,
    desk,
    require,
)
from services.parcels.vocabulary import STATUS_BY_WIRE
from shared.body import Body, body_extra, json_body
from shared.errors import responses
from shared.fields import Instant
from shared.idempotency import required
from shared.pagination import PageBody, link_next
from shared.text import text

router = APIRouter(prefix="/v1/parcels", tags=["booking"])

Booker = Annotated[Caller, Depends(require("parcels:book"))]
BookingDesk = Annotated[Desk, Depends(desk("parcels:book"))]
Reader = Annotated[Caller, Depends(require("parcels:read"))]
BarcodePath = Annotated[str, Path(max_length=40)]
BATCH_IN = body_extra(BookingBatch)["requestBody"]
BATCH_IN["content"][lines.MEDIA_TYPE] = {
    "schema": {"type": "string", "description": "A `Booking` as JSON a line, of 16 KiB at most."}
}
LINES_OUT: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            lines.MEDIA_TYPE: {
                "schema": {
                    "type": "string",
                    "description": "A `BookedResult` or `RefusedResult` as JSON a line;"
                    " `index` counts the lines sent from 0, blank ones apart.",
                }
            }
        }
    }
}


@router.post(
    "",
    status_code=201,
    operation_id="book_parcel",
    response_model=ParcelBody,
    responses=responses(400, 401, 403, 409, 413, 422),
    openapi_extra={"x-scope": "parcels:book", **body_extra(Booking)},
)
async def book(
    body: Annotated[Body[Booking], Depends(json_body(Booking))],
    at: BookingDesk,
    key: IdempotencyKey = None,
) -> Response:
    """Book one item: it gets its barcode and its price."""
    effect = service.effect_of(at.caller, "book", required(key), body.raw, at.now)
    answer = await service.book(at, body.value, effect)
    return answer.response()


@router.post(
    "/batch",
    operation_id="book_parcels",
    response_model=BatchBody,
    responses=responses(400, 401, 403, 409, 413, 422) | LINES_OUT,
    openapi_extra={"x-scope": "parcels:book", "requestBody": BATCH_IN},
)
async def book_batch(
    body: Annotated[Body[BookingBatch] | lines.Lines, Depends(lines.batch_or_lines)],
    at: BookingDesk,
    key: IdempotencyKey = None,
) -> Response:
    """Book up to 1,000 items; each has its result, good ones are kept when others fail.

    Sent as `application/x-ndjson`, one order a line, there may be as many as the body may hold;
    each line is answered by a line with its result, while others are still being sent. A stream
    that broke off is sent again from its beginning under the same key: nothing is booked twice.
    """
    return await lines.book(at, body, key)


@router.get(
    "",
    operation_id="list_parcels",
    responses=responses(401, 403, 422),
    openapi_extra={"x-scope": "parcels:read"},
)
async def list_parcels(
    request: Request,
    response: Response,
    session: Session,
    caller: Reader,
    page: Page,
    offices: Offices,
    reference: Annotated[str | None, Query(), text(1, 100)] = None,
    status: StatusName | None = None,
    changed_since: Instant | None = None,
) -> PageBody[ParcelBody]:
    """Your own parcels, newest first."""
    wanted = Filter(reference, STATUS_BY_WIRE[status] if status else None, changed_since)
    parcels, cursor = await service.list_parcels(session, caller, wanted, page)
    link_next(request, response, cursor)
    return PageBody(items=[service.body_of(p, offices) for p in parcels], next=cursor)


@router.get(
    "/{barcode}",
    operation_id="get_parcel",
    responses=responses(401, 403, 404, 422),
    openapi_extra={"x-scope": "parcels:read"},
)
async def get_parcel(
    session: Session, caller: Reader, offices: Offices, barcode: BarcodePath
) -> ParcelBody:
    """One of your own parcels."""
    return service.body_of(await service.get(session, caller, barcode), offices)


@router.post(
    "/{barcode}/cancel",
    operation_id="cancel_parcel",
    responses=responses(401, 403, 404, 409, 422),
    openapi_extra={"x-scope": "parcels:book"},
)
async def cancel_parcel(
    session: Session, caller: Booker, offices: Offices, now: Now, barcode: BarcodePath
) -> ParcelBody:
    """Cancel a booking before acceptance; its reference can be used again."""
    return service.body_of(await service.cancel(session, caller, barcode, now), offices)
