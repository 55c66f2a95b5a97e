"""Why an offering is refused."""

from shared.errors import Conflict, NotFound


class OfferingNotFound(NotFound):
    code, title = "offering_not_found", "No such offering"


class AlreadyOffered(Conflict):
    code, title = "already_offered", "The office offers the service on these days already"


class ServiceNotInForce(Conflict):
    code, title = "service_not_in_force", "The service is not valid on that day"
