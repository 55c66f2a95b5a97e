"""Why a change of what an office is, where it is or whose it is, is refused."""

from shared.errors import Conflict, NotFound


class NotConvertible(Conflict):
    code, title = "not_convertible", "No such conversion"


class ChangeTooEarly(Conflict):
    code, title = "change_too_early", "The change would come before the last one"


class ChangePlanned(Conflict):
    code, title = "change_planned", "Such a change is planned already"


class PlanNotFound(NotFound):
    code, title = "plan_not_found", "No such plan"
