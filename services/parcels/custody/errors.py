"""Refusals of custody."""

from shared.errors import Conflict


class NotInCustody(Conflict):
    code, title = "not_in_custody", "Parcel is not in the post's custody"


class NotLost(Conflict):
    code, title = "not_lost", "Parcel was not declared lost"


class TermTaken(Conflict):
    code, title = "term_taken", "The rule has a value from that day"


class TermTooEarly(Conflict):
    code, title = "begins_too_early", "The day has begun"
