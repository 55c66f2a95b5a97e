"""Refusals of pickups."""

from shared.errors import Conflict, NotFound


class PickupNotFound(NotFound):
    code, title = "pickup_not_found", "No such pickup"

    def __init__(self) -> None:
        super().__init__("there is no pickup of this id that you may see")


class PickupOver(Conflict):
    code, title = "pickup_over", "The pickup is settled"


class NobodyAssigned(Conflict):
    code, title = "nobody_assigned", "No courier fetches this"
