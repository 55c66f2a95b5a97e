"""What the lists of claims are asked by."""

from typing import Annotated

from pydantic import BaseModel, Field

Word = Annotated[str, Field(max_length=60)]


class ClaimsAsked(BaseModel):
    status: Word = ""
    barcode: Word = ""
    office: Word = ""
    cursor: Annotated[str | None, Field(max_length=500)] = None
