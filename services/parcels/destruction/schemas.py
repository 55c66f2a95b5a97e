"""What a destruction looks like on the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.parcels.runs.schemas import OccurredAt
from shared.fields import OfficeCode
from shared.text import text

PersonnelNumber = Annotated[
    str, Field(max_length=20, pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,19}$", examples=["98-0012"])
]


class DestructionIn(BaseModel):
    """`record`: the number of the minutes; two witnesses at least, by personnel number."""

    model_config = ConfigDict(extra="forbid")

    event_id: UUID
    office: OfficeCode
    record: Annotated[str, text(1, 60)]
    witnesses: Annotated[
        list[PersonnelNumber],
        Field(min_length=2, max_length=10, json_schema_extra={"uniqueItems": True}),
    ]
    occurred_at: OccurredAt = None


class DestructionOut(BaseModel):
    barcode: str
    event_id: UUID
    record: str
    witnesses: list[str]
    office: str | None
    destroyed_at: datetime
