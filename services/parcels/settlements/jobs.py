"""Follows what became of payment orders."""

from services.parcels.payments.events import EXPIRED, PAID, REFUSED, RETURNED, VOIDED
from services.parcels.settlements import service
from shared.consumer import Consumer
from shared.work import Work


def add(found: Work) -> None:
    answered = (PAID, REFUSED, VOIDED, EXPIRED, RETURNED)
    found.consume("parcels", Consumer("parcels.settlements", answered, service.on_orders))
