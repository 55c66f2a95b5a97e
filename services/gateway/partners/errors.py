"""Refusals of this slice."""

from shared.errors import Conflict, NotFound


class PartnerNotFound(NotFound):
    code, title = "partner_not_found", "No such account"


class PartnerClosed(Conflict):
    code, title = "partner_closed", "The account is closed"


class KeyNotFound(NotFound):
    code, title = "key_not_found", "No such key"


class KeyNotInForce(Conflict):
    code, title = "key_not_in_force", "The key is revoked or already replaced"


class TooManyKeys(Conflict):
    code, title = "too_many_keys", "The account has too many keys in force"
