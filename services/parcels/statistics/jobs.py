"""Keeps the roll-ups."""

from services.parcels.events import CORRECTED, MOVED, STATUS_CHANGED
from services.parcels.statistics.service import on_scanned
from shared.consumer import Consumer
from shared.work import Work


def add(found: Work) -> None:
    scanned = (STATUS_CHANGED, MOVED, CORRECTED)
    found.consume("parcels", Consumer("parcels.statistics", scanned, on_scanned))
