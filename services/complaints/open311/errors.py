"""What Open311 refuses; `faults.py` says it in the standard's words."""

from shared.errors import NotFound


class JurisdictionUnknown(NotFound):
    code, title = "jurisdiction_unknown", "No such jurisdiction"


class ServiceUnknown(NotFound):
    code, title = "service_unknown", "No such service"


class RequestUnknown(NotFound):
    code, title = "request_unknown", "No such service request"


class DocumentUnknown(NotFound):
    code, title = "document_unknown", "No such document"
