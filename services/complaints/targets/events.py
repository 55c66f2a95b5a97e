"""What targets tell."""

from datetime import date
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

PUBLISHED: Final = "complaint_targets.published"
WITHDRAWN: Final = "complaint_targets.withdrawn"


class TargetsState(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    code: str
    valid_from: date
    source: str
    terms: dict[str, Any]


class TargetsEvent(BaseModel):
    complaint_targets: TargetsState
