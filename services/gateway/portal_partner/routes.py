"""Pages of a partner's own account."""

from typing import Annotated

from fastapi import Query, Response

from services.gateway.dependencies import AccountSession
from services.gateway.portal_partner import service
from services.gateway.portal_partner.schemas import ParcelsAsked
from services.gateway.web.routing import pages
from services.gateway.web.signed_in import PartnerPage

router = pages()
Word = Annotated[str, Query(max_length=60)]
Cursor = Annotated[str | None, Query(max_length=500)]


@router.get("/portal/partner")
async def overview(page: PartnerPage, session: AccountSession, period: Word = "") -> Response:
    return await service.overview(page, session, period)


@router.get("/portal/partner/parcels")
async def parcels(
    page: PartnerPage, session: AccountSession, asked: Annotated[ParcelsAsked, Query()]
) -> Response:
    return await service.parcels(page, session, asked)


@router.get("/portal/partner/parcels/{barcode}")
async def parcel(page: PartnerPage, session: AccountSession, barcode: str) -> Response:
    return await service.parcel(page, session, barcode)


@router.get("/portal/partner/parcels/{barcode}/label")
async def label(page: PartnerPage, session: AccountSession, barcode: str) -> Response:
    return await service.label(page, session, barcode)


@router.get("/portal/partner/settlements")
async def settlements(
    page: PartnerPage, session: AccountSession, cursor: Cursor = None
) -> Response:
    return await service.settlements(page, session, cursor)


@router.get("/portal/partner/usage")
async def usage(page: PartnerPage, session: AccountSession) -> Response:
    return await service.usage(page, session)
