"""Accounts of partners and staff, and their credentials; for staff with `partners:write`."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.gateway.dependencies import (
    AccountSession,
    Administrator,
    Effect,
    Now,
    Page,
    Pepper,
)
from services.gateway.partners import credentials, service
from services.gateway.partners.domain import Kind, Status
from services.gateway.partners.schemas import (
    AllowedNetworks,
    ClientKeys,
    Contacts,
    IssuedKey,
    KeyBody,
    NewClient,
    NewKey,
    NewPartner,
    PartnerBody,
    PartnerChanges,
    PartnerDetail,
    Rotation,
)
from shared.errors import responses
from shared.pagination import PageBody, link_next

SCOPE = {"x-scope": "partners:write"}
CHANGED = responses(400, 401, 403, 404, 409, 413, 422, 503)
router = APIRouter(prefix="/v1/partners", tags=["partners"])


@router.post(
    "",
    status_code=201,
    operation_id="create_partner",
    openapi_extra=SCOPE,
    response_model=PartnerBody,
    responses=responses(400, 401, 403, 409, 413, 422, 503),
)
async def create_partner(
    new: NewPartner, session: AccountSession, by: Administrator, now: Now, once: Effect
) -> Response:
    return (await service.open_account(session, new, by, once, now)).response()


@router.get(
    "",
    operation_id="list_partners",
    openapi_extra=SCOPE,
    responses=responses(401, 403, 422, 503),
)
async def list_partners(
    session: AccountSession,
    _: Administrator,
    page: Page,
    request: Request,
    response: Response,
    kind: Annotated[Kind | None, Query()] = None,
    status: Annotated[Status | None, Query()] = None,
) -> PageBody[PartnerBody]:
    rows, following = await service.list_partners(session, page, kind, status)
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


@router.patch(
    "/{partner_id}", operation_id="change_partner", openapi_extra=SCOPE, responses=CHANGED
)
async def change_partner(
    partner_id: uuid.UUID,
    changes: PartnerChanges,
    session: AccountSession,
    by: Administrator,
    now: Now,
) -> PartnerBody:
    """What the account is called, what it may book, how much it may ask."""
    partner = await service.change_partner(session, partner_id, changes, now, by=by.id)
    return PartnerBody.model_validate(partner)


@router.post(
    "/{partner_id}/suspend",
    operation_id="suspend_partner",
    openapi_extra=SCOPE,
    responses=responses(401, 403, 404, 409, 422, 503),
)
async def suspend_partner(
    partner_id: uuid.UUID, session: AccountSession, by: Administrator, now: Now
) -> PartnerBody:
    partner = await service.set_status(session, partner_id, "suspended", now, by=by.id)
    return PartnerBody.model_validate(partner)


@router.post(
    "/{partner_id}/reopen",
    operation_id="reopen_partner",
    openapi_extra=SCOPE,
    responses=responses(401, 403, 404, 409, 422, 503),
)
async def reopen_partner(
    partner_id: uuid.UUID, session: AccountSession, by: Administrator, now: Now
) -> PartnerBody:
    partner = await service.set_status(session, partner_id, "active", now, by=by.id)
    return PartnerBody.model_validate(partner)


@router.post(
    "/{partner_id}/close",
    operation_id="close_partner",
    openapi_extra=SCOPE,
    responses=responses(401, 403, 404, 422, 503),
)
async def close_partner(
    partner_id: uuid.UUID, session: AccountSession, by: Administrator, now: Now
) -> PartnerBody:
    """For good: what it did stays known, none of its credentials is accepted again."""
    partner = await service.set_status(session, partner_id, "closed", now, by=by.id)
    return PartnerBody.model_validate(partner)


@router.get(
    "/{partner_id}/contacts",
    operation_id="get_partner_contacts",
    openapi_extra=SCOPE,
    responses=responses(401, 403, 404, 422, 503),
)
async def get_partner_contacts(
    partner_id: uuid.UUID, session: AccountSession, _: Administrator
) -> Contacts:
    return await service.get_contacts(session, partner_id)


@router.put(
    "/{partner_id}/contacts",
    operation_id="set_partner_contacts",
    openapi_extra=SCOPE,
    responses=CHANGED,
)
async def set_partner_contacts(
    partner_id: uuid.UUID, wanted: Contacts, session: AccountSession, by: Administrator, now: Now
) -> Contacts:
    return await service.set_contacts(session, partner_id, wanted, now, by=by.id)


@router.post(
    "/{partner_id}/keys",
    status_code=201,
    operation_id="create_partner_key",
    openapi_extra=SCOPE,
    responses=CHANGED,
)
async def create_partner_key(
    partner_id: uuid.UUID,
    new: NewKey,
    session: AccountSession,
    by: Administrator,
    pepper: Pepper,
    now: Now,
) -> IssuedKey:
    return await credentials.create_key(session, partner_id, new, pepper, now, by=by.id)


@router.post(
    "/{partner_id}/clients",
    status_code=201,
    operation_id="create_partner_client",
    openapi_extra=SCOPE,
    response_model=KeyBody,
    responses=CHANGED,
)
async def create_partner_client(
    partner_id: uuid.UUID,
    new: NewClient,
    session: AccountSession,
    by: Administrator,
    now: Now,
    once: Effect,
) -> Response:
    """A client of /oauth/token that signs its assertions, or has a certificate."""
    return (await credentials.add_client(session, partner_id, new, by, once, now)).response()


@router.put(
    "/{partner_id}/clients/{key_id}",
    operation_id="change_partner_client",
    openapi_extra=SCOPE,
    responses=CHANGED,
)
async def change_partner_client(
    partner_id: uuid.UUID,
    key_id: uuid.UUID,
    wanted: ClientKeys,
    session: AccountSession,
    by: Administrator,
    now: Now,
) -> KeyBody:
    """Its public keys or certificates: add the new one, use it, then leave the old one out."""
    return await credentials.change_client(session, partner_id, key_id, wanted, now, by=by.id)


@router.post(
    "/{partner_id}/keys/{key_id}/rotate",
    status_code=201,
    operation_id="rotate_partner_key",
    openapi_extra=SCOPE,
    responses=CHANGED,
)
async def rotate_partner_key(
    partner_id: uuid.UUID,
    key_id: uuid.UUID,
    wanted: Rotation,
    session: AccountSession,
    by: Administrator,
    pepper: Pepper,
    now: Now,
) -> IssuedKey:
    return await credentials.rotate_key(session, partner_id, key_id, wanted, pepper, now, by=by.id)


@router.put(
    "/{partner_id}/keys/{key_id}/networks",
    operation_id="set_partner_key_networks",
    openapi_extra=SCOPE,
    responses=CHANGED,
)
async def set_partner_key_networks(
    partner_id: uuid.UUID,
    key_id: uuid.UUID,
    wanted: AllowedNetworks,
    session: AccountSession,
    by: Administrator,
    now: Now,
) -> KeyBody:
    """From where a key or client may be used, within seconds."""
    return await credentials.set_networks(session, partner_id, key_id, wanted, now, by=by.id)


@router.delete(
    "/{partner_id}/keys/{key_id}",
    status_code=204,
    operation_id="revoke_partner_key",
    openapi_extra=SCOPE,
    responses=responses(401, 403, 404, 422, 503),
)
async def revoke_partner_key(
    partner_id: uuid.UUID, key_id: uuid.UUID, session: AccountSession, by: Administrator, now: Now
) -> None:
    """A key, or a client with all tokens that it was given."""
    await credentials.revoke_key(session, partner_id, key_id, now, by=by.id)
