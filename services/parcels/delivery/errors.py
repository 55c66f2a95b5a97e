"""Refusals of delivery."""

from shared.errors import Conflict, NotFound


class AlreadyEnded(Conflict):
    code, title = "already_ended", "Parcel's journey is over"


class WrongCode(Conflict):
    code, title = "wrong_delivery_code", "Wrong code"


class CodeBlocked(Conflict):
    code, title = "delivery_code_blocked", "Code was tried too often"


class ActionNotAllowed(Conflict):
    code, title = "action_not_allowed", "Action does not follow this reason"


class NoticesUsedUp(Conflict):
    code, title = "notices_used_up", "All notices were left"


class TermsNotMet(Conflict):
    code, title = "delivery_terms_not_met", "Not as the sender asks"


class EventInUse(Conflict):
    code, title = "event_in_use", "Event id is in use"


class ProofNotFound(NotFound):
    code, title = "proof_not_found", "No proof"
