"""Refusals of this slice."""

from shared.errors import Forbidden, Unauthenticated, Unavailable


class KeyRefused(Unauthenticated):
    code, title = "key_refused", "The API key is not accepted"


class TokenRefused(Unauthenticated):
    code, title = "token_refused", "The access token is not accepted"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'


class AccountSuspended(Unauthenticated):
    code, title = "account_suspended", "The account is suspended"


class AddressRefused(Forbidden):
    code, title = "address_not_allowed", "Not from this address"


class AccountsAway(Unavailable):
    code, title = "accounts_away", "API keys cannot be checked at the moment"
