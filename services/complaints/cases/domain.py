"""Rules of a case: its number, its secret, and what may follow what."""

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from typing import Final, Literal, NamedTuple, assert_never

from shared.text import fold_code

Kind = Literal["parcel", "office"]
Category = Literal["delay", "loss", "damage", "conduct", "price", "other"]
Status = Literal["received", "answered", "closed"]
Author = Literal["complainant", "staff"]
Act = Literal["message", "answer", "close"]

MESSAGES_MAX: Final = 500
"""A thread's bound; the complaint itself is its first message."""


class CaseId(NamedTuple):
    """`year` is the Jalali year of filing; `serial` alone is unique."""

    year: int
    serial: int


# Damm's quasigroup (2004): one wrong digit or two neighbours swapped never pass.
_DAMM: Final = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)


def damm(digits: str) -> str:
    """The check digit of some digits; that of digits with their check digit is 0."""
    interim = "0"
    for digit in digits:
        interim = _DAMM[int(interim)][int(digit)]
    return interim


_SHAPE: Final = re.compile(r"C?([0-9]{4})([0-9]{7}|[1-9][0-9]{7,10})([0-9])")
_HELP: Final = "Write the case number as it was given, such as C-1398-0000123-6"


def case_number(case: CaseId) -> str:
    """What people read and type: C-1398-0000123-6, the last digit being the check digit."""
    serial = f"{case.serial:07d}"
    return f"C-{case.year:04d}-{serial}-{damm(f'{case.year:04d}{serial}')}"


def parse_number(text: str) -> CaseId:
    """Any digits, case, spaces and hyphens, with or without the C; ValueError names the fix."""
    shape = _SHAPE.fullmatch(fold_code(text))
    if shape is None:
        raise ValueError(_HELP)
    year, serial, check = shape.groups()
    if damm(f"{year}{serial}") != check:
        raise ValueError("The last digit of the case number does not fit: read it again")
    return CaseId(int(year), int(serial))


def case_secret(nonce: bytes, idempotency_key: str) -> str:
    """The secret of a case, 256 bits from a random nonce of 32 bytes.

    A replay under an Idempotency-Key must show the same secret again, yet no table may hold it: so
    the nonce is stored, the key only hashed, and the secret is made of both.
    """
    digest = hmac.digest(nonce, idempotency_key.encode(), "sha256")
    return urlsafe_b64encode(digest).decode().rstrip("=")


def secret_hash(secret: str) -> bytes:
    """How a secret is stored; plain SHA-256 is enough for 256 random bits."""
    return hashlib.sha256(secret.encode()).digest()


def opens(secret: str, stored_hash: bytes) -> bool:
    """Whether this is the secret, in constant time."""
    return hmac.compare_digest(secret_hash(secret), stored_hash)


def next_status(status: Status, act: Act) -> Status | None:
    """The status after an act, None if it is refused: closed is the end.

    Whoever writes back to an answer expects another: the case is `received` again and in the queue.
    """
    if status == "closed":
        return None
    match act:
        case "message":
            return "received"
        case "answer":
            return "answered"
        case "close":
            return "closed"
        case _:
            assert_never(act)
