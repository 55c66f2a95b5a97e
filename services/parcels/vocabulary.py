"""The words of an item's life, stored as small integers and written on the wire by name."""

from enum import IntEnum
from typing import Final


class Wire(IntEnum):
    """An integer in the database, its lower-case name on the wire."""

    @property
    def wire(self) -> str:
        return self.name.lower()


class Product(Wire):
    """Ordinary, registered, express, special, parcel, printed matter."""

    ADI = 1
    SEFARESHI = 2
    PISHTAZ = 3
    VIJEH = 4
    AMANAT = 5
    MATBU = 6


class Channel(Wire):
    COUNTER = 1
    ECOMMERCE = 2
    BANK = 3
    INTERNATIONAL = 4


class Payer(Wire):
    """Who pays the postage."""

    COUNTER_CASH = 1
    COUNTER_CARD = 2
    RECIPIENT = 3
    PARTNER_PREPAID = 4
    PARTNER_CREDIT = 5


class Status(Wire):
    """The public status vocabulary."""

    BOOKED = 1
    ACCEPTED = 2
    IN_TRANSIT = 3
    OUT_FOR_DELIVERY = 4
    READY_FOR_PICKUP = 5
    DELIVERY_FAILED = 6
    DELIVERED = 7
    RETURNING = 8
    RETURNED = 9
    HELD = 10
    LOST = 11
    CANCELLED = 12
    DESTROYED = 13


TERMINAL = frozenset(
    {Status.DELIVERED, Status.RETURNED, Status.LOST, Status.CANCELLED, Status.DESTROYED}
)


def usual_payer(channel: int) -> Payer:
    """Who pays where an order does not say: who stands at the counter, else the partner."""
    return Payer.COUNTER_CASH if channel == Channel.COUNTER else Payer.PARTNER_CREDIT


class Event(Wire):
    """Domestic events, in the order of the journey's legs: the value is the leg rank."""

    ACCEPTANCE = 10
    DEPARTURE = 20
    ARRIVAL = 30
    HANDED_OVER = 35
    HELD = 40
    OUT_FOR_DELIVERY = 50
    DELIVERY_FAILED = 60
    HELD_AT_COUNTER = 70
    RETURN_STARTED = 80
    DELIVERED = 90
    RETURNED = 95
    LOST = 100
    """By decision, never by a scan."""
    DESTROYED = 105


class Direction(Wire):
    """As the post reports its volumes: within the country, into it, out of it, through it."""

    DOMESTIC = 0
    INCOMING = 1
    OUTGOING = 2
    TRANSIT = 3


class Task(Wire):
    """Work done on items, as the reports share it out among the kinds of offices."""

    ACCEPTANCE = 1
    SORTING = 2
    TRANSPORT = 3
    DELIVERY = 4


TASK_OF = {
    Event.ACCEPTANCE: Task.ACCEPTANCE,
    Event.ARRIVAL: Task.SORTING,
    Event.DEPARTURE: Task.TRANSPORT,
    Event.DELIVERED: Task.DELIVERY,
    Event.RETURNED: Task.DELIVERY,
}
"""An arrival is sorting at a sorting centre only. What is handed back to its sender is delivered
as well: somebody at an office or a courier of it put it into somebody's hands."""
M40: Final[dict[Event, tuple[str, ...]]] = {
    Event.ACCEPTANCE: ("EMA",),
    Event.DEPARTURE: ("EMC", "EMF"),
    Event.ARRIVAL: ("EMB", "EMD", "EMG"),
    Event.HANDED_OVER: ("EMC",),
    Event.HELD: ("EXB", "EDA"),
    Event.OUT_FOR_DELIVERY: ("EDG",),
    Event.DELIVERY_FAILED: ("EMH",),
    Event.HELD_AT_COUNTER: ("EDH",),
    Event.RETURN_STARTED: ("EMH",),  # with the action "return to sender"
    Event.DELIVERED: ("EMI",),
    Event.RETURNED: (),
    Event.DESTROYED: (),
    Event.LOST: (),
}
"""The UPU M40/EMSEVT events that mean the same; of several, the leg of the journey decides."""


class Custodian(Wire):
    """Who answers for an item.

    The id beside it is an office's for the first three kinds, an operator's for the fourth.
    """

    OFFICE = 1
    TRIP = 2
    COURIER = 3
    OPERATOR = 4
    RECIPIENT = 5
    SENDER = 6
    NOBODY = 7


STATUS_BY_WIRE = {status.wire: status for status in Status}
PRODUCT_BY_WIRE = {product.wire: product for product in Product}
CHANNEL_BY_WIRE = {channel.wire: channel for channel in Channel}
EVENT_BY_WIRE = {event.wire: event for event in Event}
PAYER_BY_WIRE = {payer.wire: payer for payer in Payer}
PAYER_WIRE = {int(payer): payer.wire for payer in Payer}
STATUS_WIRE = {int(status): status.wire for status in Status}
PRODUCT_WIRE = {int(product): product.wire for product in Product}
CHANNEL_WIRE = {int(channel): channel.wire for channel in Channel}
EVENT_WIRE = {int(event): event.wire for event in Event}
DIRECTION_BY_WIRE = {direction.wire: direction for direction in Direction}
DIRECTION_WIRE = {int(direction): direction.wire for direction in Direction}
TASK_WIRE = {int(task): task.wire for task in Task}
