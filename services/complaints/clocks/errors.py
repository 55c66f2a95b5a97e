"""What the clocks refuse."""

from shared.errors import Conflict, NotFound


class ClocksUnknown(NotFound):
    code, title = "clocks_unknown", "The case has no clocks"


class ClockStands(Conflict):
    code, title = "clock_stands", "No clock of the case runs"


class AlreadyPaused(Conflict):
    code, title = "already_paused", "The clock is paused already"


class NotPaused(Conflict):
    code, title = "not_paused", "The clock is not paused"


class NotWaiting(Conflict):
    code, title = "not_waiting", "The complainant waits for us, not we for them"


class PausesUsedUp(Conflict):
    code, title = "pauses_used_up", "The case may not be paused any longer"


class TopLevel(Conflict):
    code, title = "top_level", "There is no level above"
