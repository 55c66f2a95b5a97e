"""What the working group refuses."""

from shared.errors import Conflict, NotFound


class CompositionNotFound(NotFound):
    code, title = "composition_not_found", "No such composition"


class CompositionOverlaps(Conflict):
    code, title = "composition_overlaps", "Another composition is in force then"


class CompositionMissing(Conflict):
    code, title = "composition_missing", "No composition is in force on that day"


class UnknownSeat(Conflict):
    code, title = "unknown_seat", "No such seat"


class SeatTaken(Conflict):
    code, title = "seat_taken", "The seat is held by another member then"


class MemberNotFound(NotFound):
    code, title = "member_not_found", "No such member"
