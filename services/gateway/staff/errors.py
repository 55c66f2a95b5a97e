"""Refusals of this slice."""

from shared.errors import Conflict, Forbidden, NotFound


class StaffNotFound(NotFound):
    code, title = "staff_not_found", "No such member of staff"


class LoginTaken(Conflict):
    code, title = "login_taken", "The name to sign in with is taken"


class NotOneself(Forbidden):
    code, title = "not_oneself", "Another has to do this"


class NoSuchSignIn(Conflict):
    code, title = "no_such_sign_in", "The role does not sign in so"


def not_found() -> StaffNotFound:
    """The same for one that is absent and one of another office."""
    return StaffNotFound("there is no member of staff with this id")
