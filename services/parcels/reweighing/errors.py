"""Refusals of measurements."""

from shared.errors import Conflict, NotFound


class NotMeasurable(Conflict):
    code, title = "not_measurable", "Parcel is no longer measured"


class MeasurementTaken(Conflict):
    code, title = "measurement_taken", "Measurement id is in use"


class MeasurementNotFound(NotFound):
    code, title = "measurement_not_found", "No such measurement"

    def __init__(self) -> None:
        super().__init__("the parcel has no measurement of this id")


class NotContestable(Conflict):
    code, title = "not_contestable", "Measurement can not be contested"


class NotContested(Conflict):
    code, title = "not_contested", "Measurement is not contested"
