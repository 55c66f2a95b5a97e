"""What a partner's lists are asked by."""

from typing import Annotated

from pydantic import BaseModel, Field


class ParcelsAsked(BaseModel):
    reference: Annotated[str, Field(max_length=100)] = ""
    status: Annotated[str, Field(max_length=60)] = ""
    cursor: Annotated[str | None, Field(max_length=500)] = None
