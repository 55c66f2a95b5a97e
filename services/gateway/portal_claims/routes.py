"""Pages of compensation. They come before the case's own page: its number is any text."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from services.gateway.dependencies import AccountSession
from services.gateway.portal_claims import service
from services.gateway.portal_claims.schemas import ClaimsAsked
from services.gateway.web.pages import Page
from services.gateway.web.routing import pages
from services.gateway.web.signed_in import require

router = pages()
Reader = Annotated[Page, Depends(require("complaints:read"))]


@router.get("/portal/cases/claims")
async def claims(page: Reader, asked: Annotated[ClaimsAsked, Query()]) -> Response:
    return await service.claims(page, asked)


@router.post("/portal/cases/claims")
async def open_claim(page: Reader) -> Response:
    return await service.open_claim(page)


@router.get("/portal/cases/claims/{claim_id}")
async def claim(page: Reader, session: AccountSession, claim_id: UUID) -> Response:
    return await service.claim(page, session, claim_id)


@router.post("/portal/cases/claims/{claim_id}/{act}")
async def act(page: Reader, session: AccountSession, claim_id: UUID, act: str) -> Response:
    return await service.act(page, session, claim_id, act)


@router.get("/portal/cases/charge-backs")
async def charge_backs(page: Reader, asked: Annotated[ClaimsAsked, Query()]) -> Response:
    return await service.charge_backs(page, asked)


@router.post("/portal/cases/charge-backs/{charge_back}/{act}")
async def on_charge_back(page: Reader, charge_back: UUID, act: str) -> Response:
    return await service.on_charge_back(page, charge_back, act)
