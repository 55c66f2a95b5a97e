"""Refusals of this slice."""

from shared.errors import NotFound


class ParcelNotFound(NotFound):
    code, title = "parcel_not_found", "No such parcel"
