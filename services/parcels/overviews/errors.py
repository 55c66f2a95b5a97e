"""Refusals of this slice."""

from shared.errors import NotFound


class OfficeNotFound(NotFound):
    code, title = "office_not_found", "No such office"
