"""One-time codes that a manager hands over: what they look like and how long they hold. Pure."""

import hmac
import secrets
from datetime import timedelta
from typing import Final, Literal

from shared.text import fold_code

Purpose = Literal["password", "device"]

VALID_FOR: Final[dict[Purpose, timedelta]] = {
    "password": timedelta(hours=24),
    "device": timedelta(minutes=15),
}
LENGTH: Final = 12
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: 60 bits in twelve letters, none of which looks like another."""


def new_code() -> str:
    """Twelve letters in three groups, as a person reads them out."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(LENGTH))
    return "-".join(letters[n : n + 4] for n in range(0, LENGTH, 4))


def digest(pepper: bytes, purpose: Purpose, code: str) -> bytes:
    """Of the code as it was typed: any digits, with or without hyphens, O for 0, I and L for 1."""
    folded = fold_code(code).translate(str.maketrans("OIL", "011"))
    return hmac.digest(pepper, f"enrolment:{purpose}:{folded}".encode(), "sha256")
