"""Refusals of recomputations."""

from shared.errors import Conflict, NotFound


class RecomputationNotFound(NotFound):
    code, title = "recomputation_not_found", "No such recomputation"


class PeriodNotOver(Conflict):
    code, title = "period_not_over", "The period is not over"
