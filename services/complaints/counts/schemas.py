"""Cases that are not closed, counted for the gateway."""

from datetime import datetime

from pydantic import BaseModel


class OpenCounts(BaseModel):
    """`oldest_filed_at`: null where there is none."""

    open: int
    unanswered: int
    oldest_filed_at: datetime | None
