"""Refusals of this slice."""

from shared.errors import Conflict, Forbidden, NotFound


class ChangeNotFound(NotFound):
    code, title = "sheba_change_not_found", "No such change"


class ChangeOpen(Conflict):
    code, title = "sheba_change_open", "Another change of this account waits"


class ChangeState(Conflict):
    code, title = "sheba_change_state", "The change is not in that state"


class SecondPersonNeeded(Forbidden):
    code, title = "second_person_needed", "A second person has to approve"
