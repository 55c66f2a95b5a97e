"""Refusals of customers' returns."""

from shared.errors import Conflict, NotFound


class NotReturnable(Conflict):
    code, title = "not_returnable", "Parcel can not be returned"


class ReturnTooLate(Conflict):
    code, title = "return_too_late", "Too late to return the parcel"


class ReturnExists(Conflict):
    code, title = "return_exists", "A return was asked for already"


class ReturnNotFound(NotFound):
    code, title = "return_not_found", "No such return"

    def __init__(self) -> None:
        super().__init__("there is no such return")
