"""What the desk's calendar refuses."""

from shared.errors import Conflict, NotFound


class DayHasPassed(Conflict):
    code, title = "day_has_passed", "That day has begun or passed"


class DayIsUsual(NotFound):
    code, title = "day_is_usual", "That day is as usual"
