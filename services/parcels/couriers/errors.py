"""Refusals about couriers."""

from shared.errors import Conflict, NotFound


class CourierNotFound(NotFound):
    code, title = "courier_not_found", "No such courier"


class CourierCodeInUse(Conflict):
    code, title = "courier_code_in_use", "Courier code is in use"


class CourierNotActive(Conflict):
    code, title = "courier_not_active", "Courier is not active"
