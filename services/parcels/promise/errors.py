"""Refusals of the promise."""

from shared.errors import Conflict, NotFound


class TermsNotFound(NotFound):
    code, title = "promise_terms_not_found", "No such promise terms"


class TermsCodeInUse(Conflict):
    code, title = "promise_terms_code_in_use", "Code of terms is in use"


class TermsBeginTooEarly(Conflict):
    code, title = "begins_too_early", "The day has begun"


class PauseNotFound(NotFound):
    code, title = "promise_pause_not_found", "No such pause"


class PauseHasEnded(Conflict):
    code, title = "promise_pause_ended", "The pause has ended"


class NothingPromised(NotFound):
    code, title = "nothing_promised", "Nothing was promised"
