"""Pages of the province's report."""

from typing import Annotated

from fastapi import Depends, Query, Response

from services.gateway.dependencies import AccountSession
from services.gateway.portal_province import service
from services.gateway.web.pages import Page
from services.gateway.web.routing import pages
from services.gateway.web.signed_in import require

router = pages()
Reporter = Annotated[Page, Depends(require("reports:read"))]
Word = Annotated[str, Query(max_length=60)]


@router.get("/portal/province")
async def report(page: Reporter, period: Word = "") -> Response:
    return await service.report(page, period)


@router.get("/portal/province/report.csv")
async def report_csv(page: Reporter, period: Word = "") -> Response:
    return await service.report_csv(page, period)


@router.get("/portal/province/report.pdf")
async def report_pdf(page: Reporter, period: Word = "") -> Response:
    return await service.report_pdf(page, period)


@router.get("/portal/province/coverage")
async def coverage(page: Reporter, kind: Word = "") -> Response:
    return await service.coverage(page, kind)


@router.get("/portal/province/counted/{what}")
async def counted(page: Reporter, session: AccountSession, what: str) -> Response:
    return await service.counted(page, session, what)
