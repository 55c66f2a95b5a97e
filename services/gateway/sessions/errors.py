"""Refusals of this slice."""

from shared.errors import NotFound, Unauthenticated


class SessionOver(Unauthenticated):
    code, title = "session_over", "Sign in"


class NoSession(NotFound):
    code, title = "session_not_found", "No such session"
