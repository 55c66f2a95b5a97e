"""Messages' own copy of what complaints tells of surveys; what is told of words and hours."""

from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic import BaseModel

INVITED: Final = "survey.invited"
REWORDED: Final = "message_template.reworded"
QUIET_HOURS_SET: Final = "quiet_hours.set"
"""Both with `by`: the account that did it."""


class Invited(BaseModel):
    """The part of an item of `survey.invited` that a text message needs."""

    id: UUID
    kind: str
    subject: str
    invited_at: datetime
    backfill: bool
