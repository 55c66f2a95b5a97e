"""What the cases refuse."""

from shared.errors import Conflict, NotFound


class CaseUnknown(NotFound):
    code, title = "case_unknown", "No such case"

    def __init__(self) -> None:
        super().__init__("no case has this number and secret")


class CaseClosed(Conflict):
    code, title = "case_closed", "The case is closed"


class CaseUnanswered(Conflict):
    code, title = "case_unanswered", "The case has no answer yet"


class ThreadFull(Conflict):
    code, title = "thread_full", "The case has too many messages"
