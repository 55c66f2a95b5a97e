"""Accounts and credentials on the wire."""

import uuid
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from services.gateway.partners.domain import (
    CERTIFICATES_MAX,
    NETWORKS_MAX,
    OVERLAP_MAX_H,
    PUBLIC_KEYS_MAX,
    SCOPES,
    Kind,
    Method,
    Product,
    Role,
    Status,
    World,
)
from services.gateway.traffic.domain import Class
from shared.fields import OfficeCode, Phone
from shared.text import text

Name = Annotated[str, text(1, 200)]
Label = Annotated[str, text(1, 100)]
Email = Annotated[
    str, text(3, 254), StringConstraints(pattern=r"^[!-?A-~]+@[0-9A-Za-z][0-9A-Za-z.-]*$")
]
Scope = Annotated[str, text(1, 50), Field(json_schema_extra={"examples": sorted(SCOPES)})]
Scopes = Annotated[list[Scope], Field(min_length=1, max_length=len(SCOPES))]
Networks = Annotated[
    list[Annotated[str, text(3, 50), Field(json_schema_extra={"examples": ["192.0.2.0/24"]})]],
    Field(max_length=NETWORKS_MAX, description="CIDR; empty: from everywhere."),
]
Products = Annotated[list[Product], Field(max_length=6, description="Null: all.")]
Quotas = Annotated[
    dict[Class, Annotated[int, Field(ge=0, le=1_000_000)]],
    Field(description="Requests a minute by class of operation; what is left out is as usual."),
]
Coordinate = Annotated[str, text(1, 1400), StringConstraints(pattern=r"^[A-Za-z0-9_-]+$")]
Thumbprint = Annotated[
    str,
    text(43, 43),
    StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$"),
    Field(
        description="base64url of the SHA-256 of the certificate (DER): x5t#S256.",
        json_schema_extra={"examples": ["A" * 43]},
    ),
]


class NewPartner(BaseModel):
    """An account to be opened; `office` is where a member of staff works."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    name: Name
    email: Email | None = None
    phone: Phone | None = None
    office: OfficeCode | None = None
    products: Products | None = None
    quotas: Quotas = {}


class PartnerChanges(BaseModel):
    """Only what is to be otherwise; null takes away what may be away."""

    model_config = ConfigDict(extra="forbid")

    name: Name = ""
    email: Email | None = None
    phone: Phone | None = None
    products: Products | None = None
    quotas: Quotas = {}


class Contact(BaseModel):
    model_config = ConfigDict(extra="forbid", from_attributes=True)

    role: Role
    name: Name
    email: Email | None = None
    phone: Phone | None = None

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        if self.email is None and self.phone is None:
            raise ValueError("say an email or a phone")
        return self


class Contacts(BaseModel):
    """All of them: what is not among them is erased."""

    model_config = ConfigDict(extra="forbid")

    contacts: Annotated[list[Contact], Field(max_length=20)]


class NewKey(BaseModel):
    model_config = ConfigDict(extra="forbid")

    label: Label
    scopes: Scopes
    world: Literal["live", "test"] = "live"
    allowed_networks: Networks = []


class Rotation(BaseModel):
    """The old key is accepted for so long beside the new one."""

    model_config = ConfigDict(extra="forbid")

    overlap_h: Annotated[int, Field(ge=0, le=OVERLAP_MAX_H)] = 24


class AllowedNetworks(BaseModel):
    model_config = ConfigDict(extra="forbid")

    allowed_networks: Networks


class PublicKey(BaseModel):
    """A public JWK (RFC 7517): Ed25519, P-256, or RSA of 2048 bits or more. No private part."""

    model_config = ConfigDict(extra="forbid")

    kty: Literal["OKP", "EC", "RSA"]
    kid: Annotated[str, text(1, 100)]
    crv: Literal["Ed25519", "P-256"] | None = None
    x: Coordinate | None = None
    y: Coordinate | None = None
    n: Coordinate | None = None
    e: Annotated[str, text(1, 12), StringConstraints(pattern=r"^[A-Za-z0-9_-]+$")] | None = None
    use: Literal["sig"] | None = None
    alg: Literal["EdDSA", "Ed25519", "ES256", "PS256"] | None = None


PublicKeys = Annotated[
    list[PublicKey],
    Field(max_length=PUBLIC_KEYS_MAX, description="Several, so that a new one can be added first."),
]
Certificates = Annotated[list[Thumbprint], Field(max_length=CERTIFICATES_MAX)]


class ClientKeys(BaseModel):
    """How a client proves itself: by its signature, or by its certificate; several at a time."""

    model_config = ConfigDict(extra="forbid")

    public_keys: PublicKeys = []
    certificates: Certificates = []

    @model_validator(mode="after")
    def _one_of_the_two(self) -> Self:
        if bool(self.public_keys) == bool(self.certificates):
            raise ValueError("send public_keys or certificates: one of the two")
        return self

    @property
    def method(self) -> Method:
        return "private_key_jwt" if self.public_keys else "certificate"


class NewClient(ClientKeys):
    label: Label
    scopes: Scopes
    world: Literal["live", "test"] = "live"
    allowed_networks: Networks = []


class PartnerBody(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    kind: Kind
    name: str
    email: str | None
    phone: str | None
    office: str | None
    status: Status
    products: list[str] | None
    quotas: dict[str, int]
    created_at: datetime
    updated_at: datetime


class KeyBody(BaseModel):
    """A credential as it is known afterwards: an API key by its label and first characters."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID = Field(description="The `client_id` at /oauth/token.")
    label: str
    method: Method
    prefix: str | None
    public_keys: list[dict[str, str]] = Field(validation_alias=AliasChoices("jwks", "public_keys"))
    certificates: list[str]
    allowed_networks: list[str] = Field(
        validation_alias=AliasChoices("networks", "allowed_networks")
    )
    world: World
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    replaced_by: uuid.UUID | None
    revoked_at: datetime | None


class PartnerDetail(PartnerBody):
    keys: list[KeyBody]


class IssuedKey(KeyBody):
    """The only answer that carries the key itself."""

    key: str
