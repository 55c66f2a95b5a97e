"""Readiness on the wire."""

from typing import Literal

from pydantic import BaseModel, Field


class Part(BaseModel):
    """One service; the lags are the greatest of its worlds and consumers."""

    service: str
    relay_lag_s: float = Field(description="age of the oldest event that is not in its feed yet")
    consumer_lag_s: float = Field(description="age of the oldest event that a consumer lacks")
    consumer_silence_s: float = Field(description="since the quietest consumer asked")


class Ready(BaseModel):
    status: Literal["ok"]
    sisters: list[str]
    parts: list[Part]
