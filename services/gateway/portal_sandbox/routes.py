"""Pages of the sandbox."""

from fastapi import Response

from services.gateway.portal_sandbox import service
from services.gateway.web.routing import pages
from services.gateway.web.signed_in import PartnerPage

router = pages()


@router.get("/portal/partner/sandbox")
async def sandbox(page: PartnerPage) -> Response:
    return await service.sandbox(page)


@router.post("/portal/partner/sandbox")
async def book(page: PartnerPage) -> Response:
    return await service.book(page)


@router.post("/portal/partner/sandbox/clock")
async def move(page: PartnerPage) -> Response:
    return await service.move(page)


@router.get("/portal/partner/sandbox/{barcode}")
async def life(page: PartnerPage, barcode: str) -> Response:
    return await service.life(page, barcode)
