"""What HSDS has not."""

from shared.errors import NotFound


class NotThere(NotFound):
    code, title = "hsds_not_found", "Nothing has this id"
