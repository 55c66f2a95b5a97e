"""What discrepancies look like on the wire."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict

from services.parcels.discrepancies.events import DiscrepancyState
from shared.fields import OfficeCode
from shared.text import text

Reason = Annotated[str, text(3, 500)]


class DiscrepancyOut(DiscrepancyState):
    """`owner` has to clear it up; `last_custodian` had the item before, at `last_office`."""


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Assignment(_Request):
    office: OfficeCode


class Closing(_Request):
    reason: Reason
