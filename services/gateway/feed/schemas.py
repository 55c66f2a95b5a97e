"""What a partner's feed looks like on the wire."""

from typing import Any

from pydantic import BaseModel, Field


class PartnerEventOut(BaseModel):
    sequence: int = Field(description="Yours alone, without gaps; webhooks carry the same.")
    type: str
    timestamp: str = Field(description="When the post recorded it.")
    data: dict[str, Any]


class PartnerEvents(BaseModel):
    """Send `next` as `after` to go on. `epoch` is another after a restore from a backup."""

    epoch: str
    after: int
    next: int
    head: int = Field(description="The number of your newest event.")
    items: list[PartnerEventOut]
