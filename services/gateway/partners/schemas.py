"""Accounts and keys on the wire."""

import uuid
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.gateway.partners.domain import SCOPES, Kind, Status, World
from shared.fields import OfficeCode, Phone
from shared.text import text

Name = Annotated[str, text(1, 200)]
Email = Annotated[
    str, text(3, 254), StringConstraints(pattern=r"^[!-?A-~]+@[0-9A-Za-z][0-9A-Za-z.-]*$")
]
Scope = Annotated[str, text(1, 50), Field(json_schema_extra={"examples": sorted(SCOPES)})]


class NewPartner(BaseModel):
    """An account to be opened; `office` is where a member of staff works."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    name: Name
    email: Email | None = None
    phone: Phone | None = None
    office: OfficeCode | None = None


class NewKey(BaseModel):
    model_config = ConfigDict(extra="forbid")

    label: Annotated[str, text(1, 100)]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=len(SCOPES))]
    world: Literal["live", "test"] = "live"


class PartnerBody(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    kind: Kind
    name: str
    email: str | None
    phone: str | None
    office: str | None
    status: Status
    created_at: datetime
    updated_at: datetime


class KeyBody(BaseModel):
    """A key as it is known afterwards: by its label and first characters."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    label: str
    prefix: str
    world: World
    scopes: list[str]
    created_at: datetime
    revoked_at: datetime | None


class PartnerDetail(PartnerBody):
    keys: list[KeyBody]


class IssuedKey(KeyBody):
    """The only answer that carries the key itself."""

    key: str
