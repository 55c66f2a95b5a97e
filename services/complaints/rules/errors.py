"""What the rules of compensation refuse."""

from shared.errors import Conflict, NotFound


class RulesExist(Conflict):
    code, title = "compensation_rules_exist", "There are such rules"


class RulesPast(Conflict):
    code, title = "compensation_rules_past", "Rules begin on a day to come"


class RulesUnknown(NotFound):
    code, title = "compensation_rules_unknown", "No such rules"
