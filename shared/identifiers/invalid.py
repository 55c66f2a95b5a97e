"""Why a text is not the identifier it should be."""

from enum import StrEnum


class Reason(StrEnum):
    """Stable codes; the message beside one says how to mend the text."""

    WRONG_LENGTH = "wrong_length"
    WRONG_CHARACTERS = "wrong_characters"
    BAD_CHECK_DIGIT = "bad_check_digit"
    UNKNOWN_COUNTRY = "unknown_country"
    UNKNOWN_SERVICE = "unknown_service"
    NOT_ISSUED = "not_issued"


class IdentifierError(ValueError):
    """Its message names the fix and never repeats the text, which may be personal."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
