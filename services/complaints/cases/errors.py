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


class CaseStage(Conflict):
    code, title = "case_stage", "The case is not at a stage for this"


class ReopenedTooLate(Conflict):
    code, title = "reopened_too_late", "The case was closed too long ago"


class NotTheFirst(Conflict):
    code, title = "not_the_first_complainant", "Only who filed the case first can do this"


class ThreadFull(Conflict):
    code, title = "thread_full", "The case has too many messages"
