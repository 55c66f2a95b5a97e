"""Pages of the complaint officer."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from services.gateway.dependencies import AccountSession
from services.gateway.portal_cases import service
from services.gateway.portal_cases.schemas import ListAsked, QueueAsked
from services.gateway.web.pages import Page
from services.gateway.web.routing import pages
from services.gateway.web.signed_in import require

router = pages()
Reader = Annotated[Page, Depends(require("complaints:read"))]
Answerer = Annotated[Page, Depends(require("complaints:answer"))]


@router.get("/portal/cases")
async def queue(
    page: Reader, session: AccountSession, asked: Annotated[QueueAsked, Query()]
) -> Response:
    return await service.queue(page, session, asked)


@router.post("/portal/cases/officers")
async def register(page: Answerer, session: AccountSession) -> Response:
    return await service.register(page, session)


@router.get("/portal/cases/all")
async def every(
    page: Reader, session: AccountSession, asked: Annotated[ListAsked, Query()]
) -> Response:
    return await service.every(page, session, asked)


@router.get("/portal/cases/{number}")
async def case(page: Reader, session: AccountSession, number: str) -> Response:
    return await service.case(page, session, number)


@router.get("/portal/cases/{number}/attachments/{attachment}")
async def attachment(page: Reader, number: str, attachment: UUID) -> Response:
    return await service.attachment(page, number, attachment)


@router.post("/portal/cases/{number}/{act}")
async def act(page: Answerer, session: AccountSession, number: str, act: str) -> Response:
    return await service.act(page, session, number, act)
