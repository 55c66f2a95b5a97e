"""Refusals of corrections."""

from shared.errors import Conflict, NotFound


class EventNotFound(NotFound):
    code, title = "event_not_found", "No such event"

    def __init__(self) -> None:
        super().__init__("the parcel has no event of this id")


class AlreadyDeclared(Conflict):
    code, title = "already_declared", "Event was declared wrong already"


class NotFlagged(Conflict):
    code, title = "not_flagged", "Event is not outside the offline window"


class AlreadyRuled(Conflict):
    code, title = "already_ruled", "It was decided already"
