"""Refusals of webhooks."""

from shared.errors import Conflict, NotFound


class EndpointNotFound(NotFound):
    code, title = "webhook_not_found", "No such webhook"


class TooManyEndpoints(Conflict):
    code, title = "webhook_limit", "Too many webhooks"
