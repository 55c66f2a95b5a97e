"""Posts charges as parcels are booked, cancelled, re-priced and accepted."""

from services.parcels.events import BOOKED, CANCELLED, STATUS_CHANGED
from services.parcels.postage.service import REPRICED, on_parcel_events
from shared.consumer import Consumer
from shared.work import Work


def add(found: Work) -> None:
    heard = (BOOKED, CANCELLED, REPRICED, STATUS_CHANGED)
    found.consume("parcels", Consumer("parcels.postage", heard, on_parcel_events))
