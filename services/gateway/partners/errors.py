"""Refusals of this slice."""

from shared.errors import Conflict, NotFound


class PartnerNotFound(NotFound):
    code, title = "partner_not_found", "No such account"


class KeyNotFound(NotFound):
    code, title = "key_not_found", "No such key"


class TooManyKeys(Conflict):
    code, title = "too_many_keys", "The account has too many keys in force"
