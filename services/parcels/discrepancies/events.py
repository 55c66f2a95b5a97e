"""What is told of discrepancies."""

from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from pydantic import BaseModel

NOTED: Final = "discrepancy.noted"
ASSIGNED: Final = "discrepancy.assigned"
CLOSED: Final = "discrepancy.closed"


class DiscrepancyState(BaseModel):
    """One item of each. Offices by code; `closing_event`: what settled it, without a decision."""

    id: UUID
    barcode: str
    kind: str
    event_id: UUID
    office: str | None
    owner: str | None
    last_custodian: str | None
    last_office: str | None
    recorded_at: datetime
    closed_at: datetime | None
    closed_by: Literal["event", "decision"] | None
    closing_event: UUID | None
    reason: str | None
