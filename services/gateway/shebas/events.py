"""What is told of changes of Shebas: never the account itself."""

import uuid
from datetime import datetime
from typing import Final, get_args

from pydantic import BaseModel

from services.gateway.shebas.domain import Status

TYPES: Final = tuple(f"sheba_change.{status}" for status in get_args(Status))


class ShebaChangeState(BaseModel):
    """`sheba_masked`: its bank and its last four digits."""

    id: uuid.UUID
    partner: uuid.UUID
    sheba_masked: str
    status: Status
    proposed_by: uuid.UUID
    approved_by: uuid.UUID | None
    effective_at: datetime | None


class ShebaChangeEvent(BaseModel):
    """`by`: who took this step; None: the clock."""

    sheba_change: ShebaChangeState
    by: uuid.UUID | None
