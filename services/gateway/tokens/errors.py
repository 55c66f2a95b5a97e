"""Refusals of this slice."""

from shared.errors import Unauthenticated, Unavailable


class KeyRefused(Unauthenticated):
    code, title = "key_refused", "The API key is not accepted"


class AccountSuspended(Unauthenticated):
    code, title = "account_suspended", "The account is suspended"


class AccountsAway(Unavailable):
    code, title = "accounts_away", "API keys cannot be checked at the moment"
