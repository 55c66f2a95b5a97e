"""Why coverage cannot be told."""

from shared.errors import NotFound


class PlaceNotFound(NotFound):
    code, title = "place_not_found", "No such place"
