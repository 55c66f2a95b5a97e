"""Follows the cash of deliveries."""

from services.parcels.cod import service
from services.parcels.events import CORRECTED, MOVED, STATUS_CHANGED
from shared.consumer import Consumer
from shared.work import Work


def add(found: Work) -> None:
    moved = (STATUS_CHANGED, MOVED, CORRECTED)
    found.consume("parcels", Consumer("parcels.cod", moved, service.on_moved))
