"""Session tokens: how one is made, told from an API key, and how long it holds. Pure."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

SessionKind = Literal["staff", "citizen"]
EndReason = Literal["signed_out", "signed_out_everywhere", "superseded", "credentials_changed"]

PREFIX: Final = "susa_in_"
TOKEN_BYTES: Final = 32
TOKEN_LENGTH: Final = 51
SESSIONS_MAX: Final = 20
"""Open ones of an account; the oldest gives way to the one beyond."""

SESSION_SCOPES: Final = {
    "session": "whoever has signed in, for one's own sessions; no API key holds it",
    "session:staff": "staff who have signed in, for their own second factor",
    "session:partner": "people of a partner who have signed in, for its account on the portal",
    "session:citizen": "a citizen who has signed in, for what concerns the phone signed in with",
}


@dataclass(frozen=True, slots=True)
class Lifetime:
    """`idle`: without a request; `absolute`: whatever happens."""

    idle: timedelta
    absolute: timedelta


LIFETIMES: Final[dict[Literal["password", "device", "citizen"], Lifetime]] = {
    "password": Lifetime(timedelta(minutes=30), timedelta(hours=12)),
    "device": Lifetime(timedelta(hours=2), timedelta(hours=14)),
    "citizen": Lifetime(timedelta(minutes=10), timedelta(minutes=30)),
}


def new_token() -> str:
    """256 random bits behind a prefix that no API key has."""
    return PREFIX + secrets.token_urlsafe(TOKEN_BYTES)


def is_token(text: str) -> bool:
    return len(text) == TOKEN_LENGTH and text.isascii() and text.startswith(PREFIX)


def digest(pepper: bytes, token: str) -> bytes:
    """What is stored of a token; a plain HMAC will do for 256 random bits."""
    return hmac.digest(pepper, token.encode(), "sha256")


def is_session(authorization: bytes) -> bool:
    """Whether a header carries a session's token rather than an API key."""
    return authorization[6:15] == b" susa_in_"
