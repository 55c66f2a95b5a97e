"""Refusals of destruction."""

from shared.errors import Conflict, NotFound


class DestructionNotOrdered(Conflict):
    code, title = "destruction_not_ordered", "Sender did not order destruction"


class NotUndeliverable(Conflict):
    code, title = "not_undeliverable", "Parcel may yet be delivered"


class NotDestroyed(NotFound):
    code, title = "not_destroyed", "Parcel was not destroyed"
