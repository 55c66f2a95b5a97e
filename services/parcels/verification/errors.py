"""Refusals of whoever says to be a recipient."""

from shared.errors import Forbidden


class NotVerified(Forbidden):
    code, title = "not_verified", "Not verified as the recipient"

    def __init__(self) -> None:
        super().__init__("phone_last_four is not how the recipient's phone ends")


class TooManyTries(Forbidden):
    code, title = "too_many_tries", "Too many tries"

    def __init__(self) -> None:
        super().__init__("too many wrong tries at this parcel today; try again tomorrow")
