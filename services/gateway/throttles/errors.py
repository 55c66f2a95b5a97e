"""Refusals of this slice."""

from shared.errors import Problem


class TooOften(Problem):
    status, code, title = 429, "too_often", "Too many tries"
