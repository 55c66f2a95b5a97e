"""Why the registry refuses."""

from shared.errors import Conflict, NotFound


class OfficeNotFound(NotFound):
    code, title = "office_not_found", "No such office"


class UnknownTown(Conflict):
    code, title = "unknown_town", "No such town"


class NotASortingCentre(Conflict):
    code, title = "not_a_sorting_centre", "Not a sorting centre"


class SortsForItself(Conflict):
    code, title = "sorts_for_itself", "A sorting centre sorts for itself"


class HistoricalKind(Conflict):
    code, title = "historical_kind", "A kind of the past"


class HistoryUnsound(Conflict):
    code, title = "history_unsound", "These dates do not follow each other"


class OfficeClosed(Conflict):
    code, title = "office_closed", "The office is closed for good"


class SortingCentreInUse(Conflict):
    code, title = "sorting_centre_in_use", "Offices are assigned to this sorting centre"


class OfficeNotActive(Conflict):
    code, title = "office_not_active", "The office is not active"


class OfficeNotSuspended(Conflict):
    code, title = "office_not_suspended", "The office is not suspended"
