"""Pages of a partner's own account."""

from typing import Annotated

from fastapi import Query, Response

from services.gateway.portal_partner import service
from services.gateway.portal_partner.schemas import ParcelsAsked
from services.gateway.web.routing import pages
from services.gateway.web.signed_in import PartnerPage

router = pages()
Word = Annotated[str, Query(max_length=60)]
Cursor = Annotated[str | None, Query(max_length=500)]


@router.get("/portal/partner")
async def overview(page: PartnerPage, period: Word = "") -> Response:
    return await service.overview(page, period)


@router.get("/portal/partner/parcels")
async def parcels(page: PartnerPage, asked: Annotated[ParcelsAsked, Query()]) -> Response:
    return await service.parcels(page, asked)


@router.get("/portal/partner/parcels/{barcode}")
async def parcel(page: PartnerPage, barcode: str) -> Response:
    return await service.parcel(page, barcode)


@router.get("/portal/partner/parcels/{barcode}/label")
async def label(page: PartnerPage, barcode: str) -> Response:
    return await service.label(page, barcode)


@router.get("/portal/partner/settlements")
async def settlements(page: PartnerPage, cursor: Cursor = None) -> Response:
    return await service.settlements(page, cursor)


@router.get("/portal/partner/usage")
async def usage(page: PartnerPage) -> Response:
    return await service.usage(page)
