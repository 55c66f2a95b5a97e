"""Refusals of flows."""

from shared.errors import Conflict


class MonthNotOver(Conflict):
    code, title = "month_not_over", "The month is not over"


class FlowsNotCounted(Conflict):
    code, title = "flows_not_counted", "The month's items are not counted yet"
