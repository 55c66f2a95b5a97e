"""Why the catalogue refuses."""

from shared.errors import Conflict, NotFound


class PrincipalNotFound(NotFound):
    code, title = "principal_not_found", "No such principal"


class PrincipalExists(Conflict):
    code, title = "principal_exists", "There is such a principal already"


class UnknownPrincipal(Conflict):
    code, title = "unknown_principal", "No such principal"


class ServiceNotFound(NotFound):
    code, title = "service_not_found", "No such service"


class ServiceExists(Conflict):
    code, title = "service_exists", "There is such a service already"


class UnknownService(Conflict):
    code, title = "unknown_service", "No such service"


class NowhereDone(Conflict):
    code, title = "nowhere_done", "A service is done electronically, at the counter, or both"


class PriceInForce(Conflict):
    code, title = "price_in_force", "The price of a day that came is not changed"


class BadSpan(Conflict):
    code, title = "bad_span", "It cannot end on that day"


class RuleNotFound(NotFound):
    code, title = "rule_not_found", "No such rule"


class RuleBroken(Conflict):
    code, title = "rule_broken", "A rule of the regulation would be broken"
