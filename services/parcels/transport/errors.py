"""Refusals of lines."""

from shared.errors import Conflict, NotFound


class LineNotFound(NotFound):
    code, title = "line_not_found", "No such line"


class LineCodeInUse(Conflict):
    code, title = "line_code_in_use", "Line code is in use"


class DayIsOver(Conflict):
    code, title = "day_is_over", "The day is over"


class TooManyLines(Conflict):
    code, title = "too_many_lines", "Too many lines"
