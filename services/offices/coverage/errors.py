"""Why coverage cannot be told."""

from shared.errors import NotFound


class PlaceNotFound(NotFound):
    code, title = "place_not_found", "No such place"


class ApplicationUnknown(NotFound):
    code, title = "application_not_found", "No such application"
