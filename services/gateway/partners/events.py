"""What is told of accounts and their credentials: no names, no telephones, nothing secret."""

import uuid
from datetime import datetime
from typing import Any, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.partners.domain import Kind, Method, Status, World
from services.gateway.partners.models import Partner, PartnerKey
from shared import outbox

PartnerChange = Literal["opened", "changed", "suspended", "reopened", "closed"]
KeyChange = Literal["issued", "changed", "rotated", "revoked"]
ACCOUNTS: Final = tuple(f"partner.{change}" for change in get_args(PartnerChange))
CREDENTIALS: Final = tuple(f"credential.{change}" for change in get_args(KeyChange))
BY_STATUS: Final[dict[Status, PartnerChange]] = {
    "active": "reopened",
    "suspended": "suspended",
    "closed": "closed",
}


class PartnerState(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    kind: Kind
    office: str | None
    status: Status
    products: list[str] | None
    quotas: dict[str, int]


class CredentialState(BaseModel):
    """`key_ids`: of the public keys; `certificates`: their SHA-256."""

    id: uuid.UUID
    partner: uuid.UUID
    method: Method
    world: World
    scopes: list[str]
    key_ids: list[str]
    certificates: list[str]
    networks: list[str]
    expires_at: datetime | None
    replaced_by: uuid.UUID | None
    revoked_at: datetime | None


class PartnerEvent(BaseModel):
    """`by`: the account that did it; None: from the terminal."""

    partner: PartnerState
    by: str | None


class CredentialEvent(BaseModel):
    credential: CredentialState
    by: str | None


async def tell_partner(
    session: AsyncSession, change: PartnerChange, partner: Partner, by: str | None, now: datetime
) -> None:
    event = PartnerEvent(partner=PartnerState.model_validate(partner), by=by)
    await _append(session, f"partner.{change}", event, partner.id, now)


async def tell_key(
    session: AsyncSession, change: KeyChange, key: PartnerKey, by: str | None, now: datetime
) -> None:
    plain: dict[str, Any] = {
        name: getattr(key, name)
        for name in CredentialState.model_fields.keys() - {"partner", "key_ids"}
    }
    state = CredentialState(
        partner=key.partner_id, key_ids=[public["kid"] for public in key.jwks], **plain
    )
    event = CredentialEvent(credential=state, by=by)
    await _append(session, f"credential.{change}", event, key.partner_id, now)


async def _append(
    session: AsyncSession, event_type: str, event: BaseModel, partner: uuid.UUID, now: datetime
) -> None:
    data = event.model_dump(mode="json")
    await outbox.append(session, event_type, data, time=now, subject=str(partner))
