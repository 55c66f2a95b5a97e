"""What the lists of the working group's desk are asked by."""

from typing import Annotated

from pydantic import BaseModel, Field

Word = Annotated[str, Field(max_length=60)]
Cursor = Annotated[str | None, Field(max_length=500)]


class MeetingsAsked(BaseModel):
    status: Word = ""
    cursor: Cursor = None


class ApplicationsAsked(BaseModel):
    state: Word = ""
    kind: Word = ""
    county: Word = ""
    overdue: Word = ""
    cursor: Cursor = None
