"""Accounts of partners and staff, and their API keys; for staff with `partners:write`."""

import uuid

from fastapi import APIRouter, Request, Response

from services.gateway.dependencies import AccountSession, Administrator, Now, Page, Pepper
from services.gateway.partners import service
from services.gateway.partners.schemas import (
    IssuedKey,
    NewKey,
    NewPartner,
    PartnerBody,
    PartnerDetail,
)
from shared.errors import responses
from shared.pagination import PageBody, link_next

SCOPE = {"x-scope": "partners:write"}
router = APIRouter(prefix="/v1/partners", tags=["partners"])


@router.post(
    "",
    status_code=201,
    operation_id="create_partner",
    openapi_extra=SCOPE,
    responses=responses(400, 401, 403, 413, 422, 503),
)
async def create_partner(
    new: NewPartner, session: AccountSession, _: Administrator, now: Now, response: Response
) -> PartnerBody:
    partner = await service.create_partner(session, new, now)
    response.headers["Location"] = f"/v1/partners/{partner.id}"
    return PartnerBody.model_validate(partner)


@router.get(
    "",
    operation_id="list_partners",
    openapi_extra=SCOPE,
    responses=responses(401, 403, 422, 503),
)
async def list_partners(
    session: AccountSession, _: Administrator, page: Page, request: Request, response: Response
) -> PageBody[PartnerBody]:
    rows, following = await service.list_partners(session, page)
    link_next(request, response, following)
    return PageBody(items=[PartnerBody.model_validate(row) for row in rows], next=following)


@router.get(
    "/{partner_id}",
    operation_id="get_partner",
    openapi_extra=SCOPE,
    responses=responses(401, 403, 404, 422, 503),
)
async def get_partner(
    partner_id: uuid.UUID, session: AccountSession, _: Administrator
) -> PartnerDetail:
    return await service.get_partner(session, partner_id)


@router.post(
    "/{partner_id}/suspend",
    operation_id="suspend_partner",
    openapi_extra=SCOPE,
    responses=responses(401, 403, 404, 422, 503),
)
async def suspend_partner(
    partner_id: uuid.UUID, session: AccountSession, _: Administrator, now: Now
) -> PartnerBody:
    partner = await service.set_status(session, partner_id, "suspended", now)
    return PartnerBody.model_validate(partner)


@router.post(
    "/{partner_id}/reopen",
    operation_id="reopen_partner",
    openapi_extra=SCOPE,
    responses=responses(401, 403, 404, 422, 503),
)
async def reopen_partner(
    partner_id: uuid.UUID, session: AccountSession, _: Administrator, now: Now
) -> PartnerBody:
    partner = await service.set_status(session, partner_id, "active", now)
    return PartnerBody.model_validate(partner)


@router.post(
    "/{partner_id}/keys",
    status_code=201,
    operation_id="create_partner_key",
    openapi_extra=SCOPE,
    responses=responses(400, 401, 403, 404, 409, 413, 422, 503),
)
async def create_partner_key(
    partner_id: uuid.UUID,
    new: NewKey,
    session: AccountSession,
    _: Administrator,
    pepper: Pepper,
    now: Now,
) -> IssuedKey:
    return await service.create_key(session, partner_id, new, pepper, now)


@router.delete(
    "/{partner_id}/keys/{key_id}",
    status_code=204,
    operation_id="revoke_partner_key",
    openapi_extra=SCOPE,
    responses=responses(401, 403, 404, 422, 503),
)
async def revoke_partner_key(
    partner_id: uuid.UUID, key_id: uuid.UUID, session: AccountSession, _: Administrator, now: Now
) -> None:
    await service.revoke_key(session, partner_id, key_id, now)
