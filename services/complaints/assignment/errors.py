"""What assignment refuses."""

from shared.errors import Conflict, NotFound


class OfficerUnknown(NotFound):
    code, title = "officer_unknown", "No such officer"


class NobodyToAssign(Conflict):
    code, title = "nobody_to_assign", "Nobody handles cases there"


class TooManyWatchers(Conflict):
    code, title = "too_many_watchers", "The case has too many watchers"
