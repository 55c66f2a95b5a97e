"""Devices on the wire."""

import uuid
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

from services.gateway.enrolments.schemas import Code
from services.gateway.second_factor.schemas import Digits
from shared.auth import World
from shared.text import text

Coordinate = Annotated[
    str, StringConstraints(min_length=43, max_length=43, pattern=r"^[A-Za-z0-9_-]{43}$")
]


class PublicKey(BaseModel):
    """A public JWK: Ed25519 (`kty` OKP), or P-256 (`kty` EC, with `y`)."""

    model_config = ConfigDict(extra="forbid")

    kty: Literal["OKP", "EC"]
    crv: Literal["Ed25519", "P-256"]
    x: Coordinate
    y: Coordinate | None = None


class NewDevice(BaseModel):
    """`code`: of a manager. The private key stays on the device; the PIN is its person's choice."""

    model_config = ConfigDict(extra="forbid")

    code: Code
    name: Annotated[str, text(1, 100)]
    public_key: PublicKey
    pin: Digits


class DeviceBody(BaseModel):
    """`locked`: after wrong PINs; enrol it anew."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    account_id: uuid.UUID
    name: str
    enrolled_at: datetime
    enrolled_by: str
    locked: bool
    revoked_at: datetime | None


class DevicesBody(BaseModel):
    items: list[DeviceBody]


class Challenge(BaseModel):
    challenge: str
    expires_at: datetime


class DeviceSignIn(BaseModel):
    """`assertion`: a compact JWS whose payload is the challenge (alg Ed25519, or ES256)."""

    model_config = ConfigDict(extra="forbid")

    assertion: Annotated[str, text(1, 2000)]
    pin: Digits
    world: World = "live"
