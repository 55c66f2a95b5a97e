"""What an approval says."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from services.complaints.cases.schemas import Moment
from shared.money import RIALS_MAX


class Approval(BaseModel):
    """The amount that is approved, so that nobody approves what he has not seen."""

    model_config = ConfigDict(extra="forbid")

    amount_rials: Annotated[int, Field(strict=True, ge=1, le=RIALS_MAX)]
    occurred_at: Moment = None
