"""HTTP of the tariff: what is published, what is drafted, the rates of VAT."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from services.parcels.dependencies import Caller, Effect, Now, Page, Session, answer_once, require
from services.parcels.tariff import service
from services.parcels.tariff.schemas import (
    DraftIn,
    NewDraft,
    NewVatRate,
    TariffCode,
    TariffOut,
    TariffSummary,
    VatRateOut,
    VatRatesOut,
)
from shared.errors import responses
from shared.pagination import PageBody, link_next

tariffs = APIRouter(prefix="/v1/tariffs", tags=["tariff"])
drafts = APIRouter(prefix="/v1/tariff-drafts", tags=["tariff"])
vat = APIRouter(prefix="/v1/vat-rates", tags=["tariff"])

WRITE = "tariff:write"
Writer = Annotated[Caller, Depends(require(WRITE))]
LIST: dict[str, Any] = {
    "responses": responses(401, 422, 503),
    "openapi_extra": {"x-scope": "public"},
}
GET: dict[str, Any] = {
    "responses": responses(401, 404, 422, 503),
    "openapi_extra": {"x-scope": "public"},
}
CREATE: dict[str, Any] = {
    "status_code": 201,
    "responses": responses(400, 401, 403, 409, 413, 422, 503),
    "openapi_extra": {"x-scope": WRITE},
}
CHANGE: dict[str, Any] = {
    "responses": responses(400, 401, 403, 404, 409, 413, 422, 503),
    "openapi_extra": {"x-scope": WRITE},
}


@tariffs.get("", operation_id="list_tariffs", **LIST)
async def list_tariffs(
    request: Request, response: Response, page: Page, session: Session, now: Now
) -> PageBody[TariffSummary]:
    """What was, is and will be in force, newest first."""
    found, cursor = await service.listing(session, page, now)
    link_next(request, response, cursor)
    return PageBody[TariffSummary](items=found, next=cursor)


@tariffs.get("/{code}", operation_id="get_tariff", **GET)
async def get_tariff(code: TariffCode, session: Session, now: Now) -> TariffOut:
    """A published tariff with its rates and surcharges."""
    return await service.get(session, code, now)


@drafts.get(
    "",
    operation_id="list_tariff_drafts",
    responses=responses(401, 403, 422, 503),
    openapi_extra={"x-scope": WRITE},
)
async def list_tariff_drafts(
    request: Request, response: Response, page: Page, session: Session, _: Writer, now: Now
) -> PageBody[TariffSummary]:
    """By code."""
    found, cursor = await service.drafts(session, page, now)
    link_next(request, response, cursor)
    return PageBody[TariffSummary](items=found, next=cursor)


@drafts.post("", operation_id="create_tariff_draft", response_model=TariffOut, **CREATE)
async def create_tariff_draft(
    body: NewDraft, _: Writer, session: Session, now: Now, once: Effect
) -> Response:
    return (await service.create(session, body, once=once, now=now)).response()


@drafts.get(
    "/{code}",
    operation_id="get_tariff_draft",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra={"x-scope": WRITE},
)
async def get_tariff_draft(code: TariffCode, _: Writer, session: Session, now: Now) -> TariffOut:
    return await service.draft(session, code, now)


@drafts.put("/{code}", operation_id="replace_tariff_draft", **CHANGE)
async def replace_tariff_draft(
    code: TariffCode, body: DraftIn, _: Writer, session: Session, now: Now
) -> TariffOut:
    return await service.replace(session, code, body, now=now)


@drafts.delete("/{code}", status_code=204, operation_id="discard_tariff_draft", **CHANGE)
async def discard_tariff_draft(code: TariffCode, _: Writer, session: Session, now: Now) -> None:
    await service.discard(session, code, now=now)


@drafts.post("/{code}/publish", operation_id="publish_tariff", response_model=TariffOut, **CHANGE)
async def publish_tariff(
    code: TariffCode, caller: Writer, session: Session, now: Now, once: Effect
) -> Response:
    """Make it a tariff: nothing of it changes from then on."""
    return await answer_once(
        session, once, lambda: service.publish(session, code, caller=caller, now=now), status=200
    )


@vat.get("", operation_id="list_vat_rates", **LIST)
async def list_vat_rates(session: Session) -> VatRatesOut:
    return VatRatesOut(items=await service.vat_rates(session))


@vat.post("", operation_id="set_vat_rate", response_model=VatRateOut, **CREATE)
async def set_vat_rate(
    body: NewVatRate, caller: Writer, session: Session, now: Now, once: Effect
) -> Response:
    return (await service.set_vat(session, body, caller=caller, once=once, now=now)).response()
