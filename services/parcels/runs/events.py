"""Payloads that runs publish. No person is in them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

RUN_PLANNED = "run.planned"
RUN_CHANGED = "run.changed"
RUN_STARTED = "run.started"
RUN_CLOSED = "run.closed"
RUN_CANCELLED = "run.cancelled"


class StopState(BaseModel):
    barcode: str
    position: int
    outcome: str


class RunState(BaseModel):
    id: UUID
    courier: str
    office: str | None
    day: date
    status: str
    planned_at: datetime
    started_at: datetime | None
    closed_at: datetime | None
    version: int
    stops: list[StopState]


class RunEvent(BaseModel):
    run: RunState


def run_event(run: RunState) -> dict[str, Any]:
    return RunEvent(run=run).model_dump(mode="json")
