"""Refusals about a bank's branches."""

from shared.errors import NotFound


class BranchNotFound(NotFound):
    code, title = "branch_not_found", "No such branch"
