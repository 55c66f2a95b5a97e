"""Why coverage cannot be told."""

from shared.errors import NotFound


class PlaceNotFound(NotFound):
    code, title = "place_not_found", "No such place"


class ServiceUnknown(NotFound):
    code, title = "service_not_found", "No such service"


class ApplicationUnknown(NotFound):
    code, title = "application_not_found", "No such application"
