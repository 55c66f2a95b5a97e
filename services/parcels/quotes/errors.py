"""Refusals of quotes, and of bookings that name one."""

from shared.errors import Conflict, NotFound


class QuoteNotFound(NotFound):
    """The same answer for an absent quote and another partner's."""

    code, title = "quote_not_found", "No such quote"

    def __init__(self) -> None:
        super().__init__("you hold no quote of this id")


class QuoteExpired(Conflict):
    code, title = "quote_expired", "Quote is no longer held"


class QuoteMismatch(Conflict):
    code, title = "quote_mismatch", "Quote is for something else"
