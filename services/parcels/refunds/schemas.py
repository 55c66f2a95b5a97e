"""What decisions on refunds look like on the wire."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.fields import BarcodeText
from shared.text import text

ITEMS_MAX = 1_000

Result = Literal[
    "approved", "rejected", "decided_before", "no_proposal", "cancelled", "beyond_charge"
]


class DecisionIn(BaseModel):
    """On refunds that one recomputation proposed, by barcode."""

    model_config = ConfigDict(extra="forbid")

    recomputation: UUID
    approve: Annotated[bool, Field(strict=True)]
    barcodes: Annotated[list[BarcodeText], Field(min_length=1, max_length=ITEMS_MAX)]
    reason: Annotated[str, text(3, 500)]


class ResultOut(BaseModel):
    barcode: str
    result: Result
    amount_rials: int


class DecisionsOut(BaseModel):
    """`amount_rials` is what was given back; nothing where the result is not `approved`."""

    approved: int
    amount_rials: int
    results: list[ResultOut]


class DecidedOut(BaseModel):
    barcode: str
    recomputation: UUID
    approved: bool
    amount_rials: int
    vat_rials: int
    reason: str
    decided_by: str
    decided_at: datetime
