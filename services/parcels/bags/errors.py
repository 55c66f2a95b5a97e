"""Refusals of bags."""

from shared.errors import Conflict, NotFound


class BagNotFound(NotFound):
    code, title = "bag_not_found", "No such bag"


class BagFull(Conflict):
    code, title = "bag_full", "The bag is full"
