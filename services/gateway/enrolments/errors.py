"""Refusals of this slice."""

from shared.errors import Unauthenticated


class CodeRefused(Unauthenticated):
    code, title = "code_refused", "The code is not accepted"
