"""Pages of the sandbox."""

from fastapi import Response

from services.gateway.dependencies import AccountSession
from services.gateway.portal_sandbox import service
from services.gateway.web.routing import pages
from services.gateway.web.signed_in import PartnerPage

router = pages()


@router.get("/portal/partner/sandbox")
async def sandbox(page: PartnerPage, session: AccountSession) -> Response:
    return await service.sandbox(page, session)


@router.post("/portal/partner/sandbox")
async def book(page: PartnerPage, session: AccountSession) -> Response:
    return await service.book(page, session)


@router.post("/portal/partner/sandbox/clock")
async def move(page: PartnerPage, session: AccountSession) -> Response:
    return await service.move(page, session)


@router.get("/portal/partner/sandbox/{barcode}")
async def life(page: PartnerPage, session: AccountSession, barcode: str) -> Response:
    return await service.life(page, session, barcode)
