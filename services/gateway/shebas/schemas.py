"""Changes of Shebas on the wire: to staff only."""

import uuid
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict

from services.gateway.shebas.domain import Status
from shared.fields import Sheba
from shared.text import text


class NewShebaChange(BaseModel):
    """The account that a partner wants to be paid to; `reason`: its letter, who was called back."""

    model_config = ConfigDict(extra="forbid")

    sheba: Sheba
    holder_name: Annotated[str, text(1, 200)]
    reason: Annotated[str, text(1, 1000)]


class Rejection(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, text(1, 1000)]


class ShebaChangeBody(BaseModel):
    """`effective_at`: from when it holds, once approved; until then it can be rejected."""

    id: uuid.UUID
    partner: uuid.UUID
    sheba: str
    holder_name: str
    reason: str
    status: Status
    proposed_by: uuid.UUID
    proposed_at: datetime
    approved_by: uuid.UUID | None
    approved_at: datetime | None
    effective_at: datetime | None
    rejected_by: uuid.UUID | None
    rejected_at: datetime | None
    rejected_because: str | None
    delivered_at: datetime | None
