"""Refusals of routing."""

from shared.errors import Conflict, NotFound


class NoRoute(NotFound):
    code, title = "no_route", "No route within two weeks"


class TooManyRules(Conflict):
    code, title = "too_many_rules", "Too many feeder rules"


class RuleBeginsTooEarly(Conflict):
    code, title = "begins_too_early", "The day is over"
