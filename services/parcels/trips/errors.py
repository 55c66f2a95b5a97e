"""Refusals of vehicles and trips."""

from shared.errors import Conflict, NotFound


class VehicleNotFound(NotFound):
    code, title = "vehicle_not_found", "No such vehicle"


class VehicleCodeInUse(Conflict):
    code, title = "vehicle_code_in_use", "Vehicle code is in use"


class VehicleUnfit(Conflict):
    code, title = "vehicle_unfit", "The vehicle cannot drive this trip"


class TripNotFound(NotFound):
    code, title = "trip_not_found", "No such trip"


class TripExists(Conflict):
    code, title = "trip_exists", "The trip is planned already"


class LineDoesNotRun(Conflict):
    code, title = "line_does_not_run", "The line does not run that day"


class TripUnderWay(Conflict):
    code, title = "trip_under_way", "The trip is under way or over"
