"""What is told of the rules of compensation."""

from datetime import date
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

PUBLISHED: Final = "compensation_rules.published"


class RulesState(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    code: str
    valid_from: date
    source: str
    terms: dict[str, Any]


class RulesEvent(BaseModel):
    compensation_rules: RulesState
