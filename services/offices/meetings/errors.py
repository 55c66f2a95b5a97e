"""What the meetings refuse."""

from shared.errors import Conflict, NotFound


class SeatVacant(Conflict):
    code, title = "seat_vacant", "Nobody holds the seat"


class SeatAbsent(Conflict):
    code, title = "seat_absent", "The seat is not present"


class SeatHasNoVote(Conflict):
    code, title = "seat_has_no_vote", "The seat observes and has no vote"


class MeetingNotFound(NotFound):
    code, title = "meeting_not_found", "No such meeting"


class MeetingNotPlanned(Conflict):
    code, title = "meeting_not_planned", "The meeting was opened already"


class MeetingNotOpen(Conflict):
    code, title = "meeting_not_open", "The meeting is not open"


class MeetingNotClosed(Conflict):
    code, title = "meeting_not_closed", "The meeting is not closed"


class AgendaFull(Conflict):
    code, title = "agenda_full", "The agenda is full"


class ItemNotFound(NotFound):
    code, title = "item_not_found", "No such item"


class ItemOnAgenda(Conflict):
    code, title = "item_on_agenda", "The matter is on an agenda already"


class ItemDecided(Conflict):
    code, title = "item_decided", "The item is decided"


class HasVoted(Conflict):
    code, title = "has_voted", "The seat has voted on this item"


class StakeDeclared(Conflict):
    code, title = "stake_declared", "A member with a stake abstains"


class StakeKnown(Conflict):
    code, title = "stake_known", "The stake is declared already"


class VotesMissing(Conflict):
    code, title = "votes_missing", "Not every seat that is present has voted"


class MinutesNotFound(NotFound):
    code, title = "minutes_not_found", "The meeting has no minutes yet"


class MinutesRecorded(Conflict):
    code, title = "minutes_recorded", "The meeting has its minutes"
