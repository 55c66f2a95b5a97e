"""What accounts asked, on the wire."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from services.gateway.traffic.domain import Class


class UsageRow(BaseModel):
    """`refused_limit`: over the quota (429); `failed`: answered with 5xx, or not at all."""

    model_config = ConfigDict(from_attributes=True)

    day: date
    kind: Class = Field(validation_alias="class_", serialization_alias="class")
    answered: int
    refused_limit: int
    failed: int


class Usage(BaseModel):
    """By day of Tehran and class of traffic, the latest first; days without requests are absent.

    Each web process adds its counts once a minute: what it counted since is lost if it is killed,
    and what was asked in a day's last minute may stand on the next.
    """

    first: date = Field(serialization_alias="from")
    last: date = Field(serialization_alias="until")
    rows: list[UsageRow]
