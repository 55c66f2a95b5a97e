"""Readiness on the wire."""

from typing import Literal

from pydantic import BaseModel


class Ready(BaseModel):
    status: Literal["ok"]
    sisters: list[str]
