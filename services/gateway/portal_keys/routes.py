"""Pages of a partner's credentials."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from services.gateway.dependencies import AccountSession, Now, Pepper
from services.gateway.portal_keys import service
from services.gateway.web.pages import Page
from services.gateway.web.routing import pages
from services.gateway.web.signed_in import require

router = pages()
Partner = Annotated[Page, Depends(require("session:partner"))]


@router.get("/portal/partner/keys")
async def keys(page: Partner, session: AccountSession, now: Now) -> Response:
    return await service.keys(page, session, now)


@router.post("/portal/partner/keys")
async def create(page: Partner, session: AccountSession, pepper: Pepper, now: Now) -> Response:
    return await service.create(page, session, pepper, now)


@router.post("/portal/partner/keys/{key_id}/rotate")
async def rotate(
    page: Partner, session: AccountSession, key_id: UUID, pepper: Pepper, now: Now
) -> Response:
    return await service.rotate(page, session, key_id, pepper, now)


@router.post("/portal/partner/keys/{key_id}/networks")
async def networks(page: Partner, session: AccountSession, key_id: UUID, now: Now) -> Response:
    return await service.networks(page, session, key_id, now)


@router.post("/portal/partner/keys/{key_id}/revoke")
async def revoke(page: Partner, session: AccountSession, key_id: UUID, now: Now) -> Response:
    return await service.revoke(page, session, key_id, now)
