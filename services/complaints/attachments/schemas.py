"""What attachments look like on the wire."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.complaints.attachments.domain import MediaType


class AttachmentBody(BaseModel):
    """`party`: which complainant's; none: of staff. Erased: bytes and name are gone."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str | None
    media_type: MediaType
    size_bytes: int
    sha256: str
    party: int | None
    internal: bool
    added_at: datetime
    erased_at: datetime | None


class AttachmentsBody(BaseModel):
    number: str
    attachments: list[AttachmentBody]
