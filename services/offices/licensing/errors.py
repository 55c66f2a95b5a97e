"""What the slice of licences refuses."""

from shared.errors import Conflict, NotFound


class LicenceNotFound(NotFound):
    code, title = "licence_not_found", "No such licence"


class DecisionNotFound(NotFound):
    code, title = "decision_not_found", "No such decision of this licence"


class TransitionNotPossible(Conflict):
    code, title = "transition_not_possible", "Not possible from here"


class HolderNotHeard(Conflict):
    code, title = "holder_not_heard", "The holder was neither heard nor summoned"


class NoAppeal(Conflict):
    code, title = "no_appeal", "There is no appeal to decide"


class NotPending(Conflict):
    code, title = "not_pending", "The decision is not pending"


class NumberTaken(Conflict):
    code, title = "number_taken", "Another licence has this number"


class LicenceInForce(Conflict):
    code, title = "licence_in_force", "The office has a licence of this kind"


class NoLicenceNeeded(Conflict):
    code, title = "no_licence_needed", "This kind of office needs no licence"


class KindMismatch(Conflict):
    code, title = "kind_mismatch", "The office is of another kind"


class LicenceStopsOffice(Conflict):
    code, title = "licence_stops_office", "The office's licence is suspended or revoked"
