"""Use cases of credentials: give out, replace with an overlap, restrict, revoke."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.partners import domain, events, repository, service
from services.gateway.partners.errors import KeyNotFound, KeyNotInForce, TooManyKeys
from services.gateway.partners.models import Partner, PartnerKey
from services.gateway.partners.schemas import (
    AllowedNetworks,
    ClientKeys,
    IssuedKey,
    KeyBody,
    NewClient,
    NewKey,
    Rotation,
)
from shared import idempotency
from shared.auth import Caller
from shared.errors import Invalid
from shared.idempotency import Answer, Once


async def create_key(
    session: AsyncSession,
    partner_id: uuid.UUID,
    new: NewKey,
    pepper: bytes,
    now: datetime,
    *,
    by: str | None = None,
) -> IssuedKey:
    """Give an account a key. The key is in this answer and nowhere else."""
    partner = await service.locked(session, partner_id)
    _check(partner, new)
    await _check_room(session, partner_id, now)
    return await _issued(session, _row(partner_id, new, now), pepper, by)


async def create_client(
    session: AsyncSession,
    partner_id: uuid.UUID,
    new: NewClient,
    now: datetime,
    *,
    by: str | None = None,
) -> KeyBody:
    """Make a client of OAuth known, by what it proves itself with: nothing secret is given out."""
    partner = await service.locked(session, partner_id)
    _check(partner, new)
    _check_public(new)
    await _check_room(session, partner_id, now)
    row = _row(partner_id, new, now, method=new.method, **_proofs(new))
    session.add(row)
    await session.flush()
    await service.equipped(session, partner_id, by, now)
    await events.tell_key(session, "issued", row, by, now)
    return KeyBody.model_validate(row)


async def add_client(
    session: AsyncSession,
    partner_id: uuid.UUID,
    new: NewClient,
    by: Caller,
    once: Once | None,
    now: datetime,
) -> Answer:
    """The same for who asks over HTTP, and may ask again.

    Of keys there is no such thing: the answer that would be kept for it is the key itself.
    """

    async def make() -> tuple[str, KeyBody]:
        made = await create_client(session, partner_id, new, now, by=by.id)
        return f"/v1/partners/{partner_id}", made

    return await idempotency.created(session, once, make)


async def change_client(
    session: AsyncSession,
    partner_id: uuid.UUID,
    key_id: uuid.UUID,
    wanted: ClientKeys,
    now: datetime,
    *,
    by: str | None = None,
) -> KeyBody:
    """Other public keys or certificates: several hold at a time, so that they overlap."""
    row = await _in_force(session, partner_id, key_id)
    if row.method != wanted.method:
        raise Invalid.field("body", f"this credential is {row.method}: send what belongs to it")
    _check_public(wanted)
    for name, value in _proofs(wanted).items():
        setattr(row, name, value)
    await service.equipped(session, partner_id, by, now)
    return await _changed(session, row, by, now)


async def rotate_key(
    session: AsyncSession,
    partner_id: uuid.UUID,
    key_id: uuid.UUID,
    wanted: Rotation,
    pepper: bytes,
    now: datetime,
    *,
    by: str | None = None,
) -> IssuedKey:
    """A new key in the place of another, which is accepted beside it for the overlap."""
    old = await _in_force(session, partner_id, key_id)
    if old.method != "api_key":
        raise Invalid.field("path.key_id", "only API keys are rotated so: change a client's keys")
    if old.replaced_by is not None:
        raise KeyNotInForce("this key was rotated before: rotate the one in its place")
    await _check_room(session, partner_id, now)
    same = {"label": old.label, "scopes": old.scopes, "world": old.world}
    new = NewKey.model_validate(same | {"allowed_networks": old.networks})
    issued = await _issued(session, _row(partner_id, new, now), pepper, by)
    old.expires_at = now + timedelta(hours=wanted.overlap_h)
    old.replaced_by = issued.id
    await session.flush()
    await events.tell_key(session, "rotated", old, by, now)
    return issued


async def set_networks(
    session: AsyncSession,
    partner_id: uuid.UUID,
    key_id: uuid.UUID,
    wanted: AllowedNetworks,
    now: datetime,
    *,
    by: str | None = None,
) -> KeyBody:
    row = await _in_force(session, partner_id, key_id)
    row.networks = _networks(wanted.allowed_networks)
    return await _changed(session, row, by, now)


async def revoke_key(
    session: AsyncSession,
    partner_id: uuid.UUID,
    key_id: uuid.UUID,
    now: datetime,
    *,
    by: str | None = None,
) -> None:
    """The credential is refused within seconds, in every process; twice changes nothing."""
    row = await repository.key(session, partner_id, key_id)
    if row is None:
        raise KeyNotFound("this account has no key with this id")
    if row.revoked_at is None:
        row.revoked_at = now
        await session.flush()
        await events.tell_key(session, "revoked", row, by, now)


async def _in_force(session: AsyncSession, partner_id: uuid.UUID, key_id: uuid.UUID) -> PartnerKey:
    await service.locked(session, partner_id)
    row = await repository.key(session, partner_id, key_id)
    if row is None:
        raise KeyNotFound("this account has no key with this id")
    if row.revoked_at is not None:
        raise KeyNotInForce("this key was revoked: give the account another")
    return row


async def _changed(
    session: AsyncSession, row: PartnerKey, by: str | None, now: datetime
) -> KeyBody:
    await session.flush()
    await events.tell_key(session, "changed", row, by, now)
    return KeyBody.model_validate(row)


async def _issued(
    session: AsyncSession, row: PartnerKey, pepper: bytes, by: str | None
) -> IssuedKey:
    key = domain.new_key(row.world)
    row.prefix = key[: domain.PREFIX_LENGTH]
    row.digest = domain.digest(pepper, key)
    session.add(row)
    await session.flush()
    await service.equipped(session, row.partner_id, by, row.created_at)
    await events.tell_key(session, "issued", row, by, row.created_at)
    return IssuedKey(**KeyBody.model_validate(row).model_dump(), key=key)


def _check(partner: Partner, new: NewKey | NewClient) -> None:
    if faults := domain.scope_faults(partner.kind, new.scopes):
        raise Invalid.field("body.scopes", "; ".join(faults))


def _check_public(wanted: ClientKeys) -> None:
    if faults := domain.public_key_faults(_public(wanted)):
        raise Invalid.field("body.public_keys", "; ".join(faults))


async def _check_room(session: AsyncSession, partner_id: uuid.UUID, now: datetime) -> None:
    if await repository.keys_in_force(session, partner_id, now) >= domain.KEYS_MAX:
        raise TooManyKeys(f"revoke one first; at most {domain.KEYS_MAX} may be in force")


def _networks(networks: list[str]) -> list[str]:
    if faults := domain.network_faults(networks):
        raise Invalid.field("body.allowed_networks", "; ".join(faults[:5]))
    return domain.plain_networks(networks)


def _public(wanted: ClientKeys) -> list[dict[str, Any]]:
    return [key.model_dump(exclude_none=True) for key in wanted.public_keys]


def _proofs(wanted: ClientKeys) -> dict[str, Any]:
    return {"jwks": _public(wanted), "certificates": list(dict.fromkeys(wanted.certificates))}


def _row(
    partner_id: uuid.UUID, new: NewKey | NewClient, now: datetime, **proofs: Any
) -> PartnerKey:
    plain = {"method": "api_key", "jwks": [], "certificates": []}
    return PartnerKey(
        partner_id=partner_id,
        label=new.label,
        world=new.world,
        scopes=sorted(set(new.scopes)),
        networks=_networks(new.allowed_networks),
        created_at=now,
        **plain | proofs,
    )
