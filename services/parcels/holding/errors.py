"""Refusals about holding and returns."""

from shared.errors import Conflict, NotFound


class NotHeld(NotFound):
    code, title = "not_held", "Parcel does not wait at an office"


class NotReturned(NotFound):
    code, title = "not_returned", "Parcel is not on its way back"


class RuleTooLate(Conflict):
    code, title = "rule_too_late", "Rule would begin in the past"
