"""Refusals of counted mail."""

from shared.errors import Conflict, NotFound


class ConsignmentNotFound(NotFound):
    code, title = "consignment_not_found", "No such consignment"


class ConsignmentReversed(Conflict):
    code, title = "consignment_reversed", "It is reversed already"
