"""Refusals of this slice."""

from shared.errors import Conflict, NotFound


class DeliveryNotFound(NotFound):
    code, title = "delivery_not_found", "No such delivery"


class DeliveryUnderWay(Conflict):
    code, title = "delivery_under_way", "It is still to be sent"


class WebhookDisabled(Conflict):
    code, title = "webhook_disabled", "The webhook is disabled"


class TooMuchAtOnce(Conflict):
    code, title = "replay_too_large", "Too much for one replay"
