"""Refusals of couriers' runs."""

from shared.errors import Conflict, NotFound


class CourierIsOut(Conflict):
    code, title = "courier_is_out", "Courier is out with a run"


class RunNotFound(NotFound):
    code, title = "run_not_found", "No such run"


class RunNotPlanned(Conflict):
    code, title = "run_not_planned", "Run is no longer planned"


class RunNotOut(Conflict):
    code, title = "run_not_out", "Run is not out"


class RunIsOver(Conflict):
    code, title = "run_is_over", "Run is over"


class RunChanged(Conflict):
    code, title = "run_changed", "Run was changed meanwhile"


class ScannedSince(Conflict):
    code, title = "scanned_since", "Parcel was scanned since"


class StopsFixed(Conflict):
    code, title = "stops_fixed", "A run that is out keeps its stops"


class StopsOpen(Conflict):
    code, title = "stops_open", "Stops are not accounted for"


class StopTaken(Conflict):
    code, title = "stop_taken", "Parcel is on another run"


class NotDeliverable(Conflict):
    code, title = "not_deliverable", "Parcel cannot be delivered now"
