"""Refusals of discrepancies."""

from shared.errors import Conflict, NotFound


class DiscrepancyNotFound(NotFound):
    code, title = "discrepancy_not_found", "No such discrepancy"

    def __init__(self) -> None:
        super().__init__("there is no discrepancy of this id")


class DiscrepancyClosed(Conflict):
    code, title = "discrepancy_closed", "Discrepancy is closed"
