"""Why the calendar refuses."""

from shared.errors import NotFound


class ExceptionNotFound(NotFound):
    code, title = "exception_not_found", "No exception on that day"


class OverrideNotFound(NotFound):
    code, title = "holiday_override_not_found", "Nothing was said of that day"
