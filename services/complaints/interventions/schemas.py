"""What staff asks of a case's clocks."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict

from services.complaints.cases.schemas import Moment
from shared.text import text

PauseReason = Literal["information_requested", "document_requested", "item_to_be_shown"]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PauseRequest(_Request):
    """`question`: what the complainant is asked, who finds it in the thread of the case."""

    reason: PauseReason
    question: Annotated[str, text(3, 4000)]
    occurred_at: Moment = None


class EscalationRequest(_Request):
    reason: Annotated[str, text(3, 500)]
