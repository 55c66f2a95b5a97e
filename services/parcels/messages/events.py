"""Messages' own copy of what complaints tells of surveys."""

from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic import BaseModel

INVITED: Final = "survey.invited"


class Invited(BaseModel):
    """The part of an item of `survey.invited` that a text message needs."""

    id: UUID
    kind: str
    subject: str
    invited_at: datetime
    backfill: bool
