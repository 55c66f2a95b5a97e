"""Why a record of services performed is refused."""

from shared.errors import Conflict, NotFound


class RecordNotFound(NotFound):
    code, title = "record_not_found", "No such record"


class AlreadyReversed(Conflict):
    code, title = "already_reversed", "The record is reversed already"


class IsReversal(Conflict):
    code, title = "is_reversal", "A reversal is not reversed"
