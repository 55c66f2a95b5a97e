"""What is told of custody's rules; of items it is told as of scans and discrepancies."""

from datetime import date
from typing import Final

from pydantic import BaseModel

TERM_SET: Final = "custody_term.set"


class TermState(BaseModel):
    """A rule's value from a day on."""

    name: str
    valid_from: date
    value: int
    source: str
