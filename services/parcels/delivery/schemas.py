"""What deliveries, attempts and proofs look like on the wire."""

import base64
import binascii
from datetime import datetime
from typing import Annotated, Final, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.parcels.delivery.domain import (
    IMAGE_BYTES_MAX,
    ActionCode,
    ImageKind,
    MediaType,
    Method,
    ReasonCode,
    Receiver,
    media_type,
)
from services.parcels.runs.schemas import OccurredAt
from shared.fields import NationalId, OfficeCode, checked
from shared.text import fold_digits, text

_BASE64_MAX: Final = -(-IMAGE_BYTES_MAX // 3) * 4


def image_bytes(encoded: str) -> bytes:
    return base64.b64decode(encoded, validate=True)


def _image(encoded: str) -> str:
    try:
        content = image_bytes(encoded)
    except (binascii.Error, ValueError):
        raise ValueError("Send the image in base64 (RFC 4648), without line breaks") from None
    media_type(content)
    return encoded


Image = Annotated[
    str,
    Field(
        max_length=_BASE64_MAX,
        description="PNG or JPEG in base64, at most 200 kB of image",
        json_schema_extra={"contentEncoding": "base64"},
    ),
    checked(_image, "image"),
]


def _code(value: str) -> str:
    code = fold_digits(value).strip()
    if not (len(code) == 6 and code.isascii() and code.isdecimal()):
        raise ValueError("Write the six digits that the recipient was sent")
    return code


Code = Annotated[str, Field(max_length=20), checked(_code, "delivery_code")]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class DeliveryIn(_Request):
    """A parcel handed over, and the proof. `event_id` names the scan that it is."""

    event_id: UUID
    office: OfficeCode
    method: Method
    receiver: Receiver = "recipient"
    receiver_name: Annotated[str, text(1, 200)] | None = None
    code: Code | None = None
    signature: Image | None = None
    photo: Image | None = None
    national_id: NationalId | None = None
    national_card_seen: bool = False
    occurred_at: OccurredAt = None

    @model_validator(mode="after")
    def _proves(self) -> Self:
        if getattr(self, self.method) is None:
            raise ValueError(f"method {self.method} needs the field {self.method}")
        return self


class AttemptIn(_Request):
    """Without an `action`, what usually follows the reason."""

    event_id: UUID
    office: OfficeCode
    reason: ReasonCode
    action: ActionCode | None = None
    occurred_at: OccurredAt = None


class ReasonOut(BaseModel):
    """`actions`: those that may follow, the usual one first."""

    code: ReasonCode
    fa: str
    en: str
    actions: list[ActionCode]
    leaves_notice: bool


class ActionOut(BaseModel):
    code: ActionCode
    fa: str
    en: str


class VocabularyOut(BaseModel):
    reasons: list[ReasonOut]
    actions: list[ActionOut]


class ProofOut(BaseModel):
    barcode: str
    event_id: UUID
    method: Method
    receiver: Receiver
    national_card_seen: bool
    office: str | None
    courier: str | None
    delivered_at: datetime


class ImageOut(BaseModel):
    kind: ImageKind
    media_type: MediaType
    sha256: str


class ProofView(ProofOut):
    """For the parcel's owner. What is personal is null or missing once erased."""

    receiver_name: str | None
    national_id: str | None = Field(description="Its last four digits; the others are starred.")
    images: list[ImageOut]


class AttemptOut(BaseModel):
    barcode: str
    event_id: UUID
    reason: ReasonCode
    reason_fa: str
    reason_en: str
    action: ActionCode
    notice: int | None
    office: str | None
    courier: str | None
    attempted_at: datetime


class AttemptsOut(BaseModel):
    items: list[AttemptOut]


class CodeOut(BaseModel):
    """The code itself is for the recipient alone."""

    barcode: str
    serial: int
    tries_left: int
