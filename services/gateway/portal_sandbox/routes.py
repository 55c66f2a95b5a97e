"""Pages of the sandbox."""

from typing import Annotated

from fastapi import Depends, Response

from services.gateway.dependencies import AccountSession
from services.gateway.portal_sandbox import service
from services.gateway.web.pages import Page
from services.gateway.web.routing import pages
from services.gateway.web.signed_in import require

router = pages()
Partner = Annotated[Page, Depends(require("session:partner"))]


@router.get("/portal/partner/sandbox")
async def sandbox(page: Partner, session: AccountSession) -> Response:
    return await service.sandbox(page, session)


@router.post("/portal/partner/sandbox")
async def book(page: Partner, session: AccountSession) -> Response:
    return await service.book(page, session)


@router.post("/portal/partner/sandbox/clock")
async def move(page: Partner, session: AccountSession) -> Response:
    return await service.move(page, session)


@router.get("/portal/partner/sandbox/{barcode}")
async def life(page: Partner, session: AccountSession, barcode: str) -> Response:
    return await service.life(page, session, barcode)
