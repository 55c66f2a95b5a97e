"""Refusals of counting cash."""

from shared.errors import Conflict, Forbidden, NotFound


class NothingToHandIn(Conflict):
    code, title = "nothing_to_hand_in", "The courier has no cash of ours"


class DifferenceUnexplained(Conflict):
    code, title = "difference_unexplained", "Counted is not what was expected"


class ReceiptUsed(Conflict):
    code, title = "receipt_used", "The office gave this receipt number before"


class DayClosed(Conflict):
    code, title = "day_closed", "The office closed this day or a later one"


class DayNotCome(Conflict):
    code, title = "day_not_come", "The day has not begun"


class NotThisOffice(Forbidden):
    code, title = "not_this_office", "Staff of another office"


class DrawerNotFound(NotFound):
    code, title = "drawer_not_found", "No such office"
