"""What is told of corrections, besides `parcel.corrected`."""

from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from pydantic import BaseModel

DECLARED: Final = "scan.declared"
RULED: Final = "scan.ruled"

Reason = Literal["did_not_occur", "incorrect_data"]
"""EPCIS's reasons of an error declaration."""


class DeclarationState(BaseModel):
    """`corrective_event_ids`: the events of the item that stand for it now."""

    barcode: str
    event_id: UUID
    reason: Reason
    note: str
    corrective_event_ids: list[UUID]
    declared_at: datetime


class RulingState(BaseModel):
    """`accepted`: an event from outside the offline window counts after all."""

    barcode: str
    event_id: UUID
    ruling: Literal["accepted", "dismissed"]
    note: str
    decided_at: datetime
