"""Refusals of bank statements."""

from shared.errors import Conflict, NotFound


class DayNotOver(Conflict):
    code, title = "day_not_over", "The day is not over"


class StatementDiffers(Conflict):
    code, title = "statement_differs", "Another statement of this day was recorded"


class StatementNotFound(NotFound):
    code, title = "statement_not_found", "No such statement"

    def __init__(self) -> None:
        super().__init__("there is no such statement of a bank")
