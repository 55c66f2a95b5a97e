"""What the lists of cases are asked by: whatever an address says, which the service checks."""

from typing import Annotated

from pydantic import BaseModel, Field

Word = Annotated[str, Field(max_length=60)]
Cursor = Annotated[str | None, Field(max_length=500)]


class QueueAsked(BaseModel):
    state: Word = ""
    measure: Word = ""
    office: Word = ""
    mine: Word = ""
    cursor: Cursor = None


class ListAsked(BaseModel):
    status: Word = ""
    category: Word = ""
    severity: Word = ""
    barcode: Word = ""
    office: Word = ""
    open: Word = ""
    filed_after: Word = ""
    filed_until: Word = ""
    cursor: Cursor = None
