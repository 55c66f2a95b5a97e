"""Follows the offices."""

from typing import Final

from services.parcels.network.service import forget, on_office_events
from shared.consumer import Consumer
from shared.work import Work

OFFICE_EVENTS: Final = (
    "office.created",
    "office.changed",
    "office.suspended",
    "office.reopened",
    "office.closed",
    "office.converted",
    "office.relocated",
    "office.transferred",
)


def add(found: Work) -> None:
    found.consume("offices", Consumer("parcels.network", OFFICE_EVENTS, on_office_events, forget))
