"""Compares what was announced with what comes."""

from typing import Final

from services.parcels.events import CORRECTED, MOVED, STATUS_CHANGED
from services.parcels.exchange import advising
from shared.consumer import Consumer
from shared.work import Work

HEARD: Final = (STATUS_CHANGED, MOVED, CORRECTED, advising.OPENED)


def add(found: Work) -> None:
    found.consume("parcels", Consumer("parcels.exchange", HEARD, advising.on_events))
