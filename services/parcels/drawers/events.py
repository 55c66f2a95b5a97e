"""What is told of counted cash."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from pydantic import BaseModel

HANDED_IN: Final = "cash.handed_in"
CLOSED: Final = "drawer.closed"


class HandInState(BaseModel):
    id: UUID
    office: str
    receipt: str
    collector: str
    items: int
    expected_rials: int
    counted_rials: int
    difference_rials: int
    occurred_at: datetime


class HandInEvent(BaseModel):
    hand_in: HandInState


class DrawerCloseState(BaseModel):
    id: UUID
    office: str
    day: date
    items: int
    expected_rials: int
    counted_rials: int
    difference_rials: int
    occurred_at: datetime


class DrawerCloseEvent(BaseModel):
    drawer_close: DrawerCloseState
