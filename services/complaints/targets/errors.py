"""What targets refuse."""

from shared.errors import Conflict, NotFound


class TargetsNotFound(NotFound):
    code, title = "targets_unknown", "No such targets"


class TargetsCodeInUse(Conflict):
    code, title = "targets_code_in_use", "There are targets of this code"


class TargetsHaveBegun(Conflict):
    code, title = "targets_have_begun", "The targets are, or would be, in force already"


class TargetsWithdrawn(Conflict):
    code, title = "targets_withdrawn", "The targets were withdrawn"
