"""Rules of a case: its number, its secret, and what may follow what. Pure."""

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

from services.complaints.vocabulary import Stage
from shared.text import fold_code

Author = Literal["complainant", "staff"]
Act = Literal[
    "acknowledge",
    "assess",
    "investigate",
    "message",
    "join",
    "answer",
    "accept",
    "contest",
    "close",
    "reopen",
]

MESSAGES_MAX: Final = 500
"""A thread's bound; the complaint itself is its first message."""
REOPEN_WITHIN: Final = timedelta(days=30)
UNANSWERED: Final[tuple[Stage, ...]] = ("received", "acknowledged", "assessed", "investigated")


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


# Whoever writes back to an answer expects another: the case is `received` again and in the queue.
_WRITTEN: Final[dict[Stage, Stage]] = {
    "received": "received",
    "acknowledged": "acknowledged",
    "assessed": "assessed",
    "investigated": "investigated",
    "answered": "received",
    "accepted": "received",
    "contested": "contested",
}
_MOVES: Final[Mapping[Act, Mapping[Stage, Stage]]] = {
    "acknowledge": {"received": "acknowledged"},
    "assess": dict.fromkeys(("received", "acknowledged", "assessed", "contested"), "assessed"),
    "investigate": dict.fromkeys(("assessed", "contested"), "investigated"),
    "message": _WRITTEN,
    "join": _WRITTEN,
    # an answer at first contact needs no assessment: the stages that were passed over are not told
    "answer": dict.fromkeys((*UNANSWERED, "answered", "contested"), "answered"),
    "accept": {"answered": "accepted"},
    "contest": dict.fromkeys(("answered", "accepted"), "contested"),
    "close": dict.fromkeys(("answered", "accepted", "contested"), "closed"),
    "reopen": {"closed": "received"},
}
"""What may follow what, after ISO 10002: by act, from which stage to which."""


def next_stage(stage: Stage, act: Act) -> Stage | None:
    """The stage after an act, None if it is refused."""
    return _MOVES[act].get(stage)


def is_stage(before: Stage, act: Act, after: Stage) -> bool:
    """Whether an act is a stage of its own: words alone that change nothing are not."""
    return before != after or act not in ("message", "join")


def may_reopen(closed_at: datetime, at: datetime) -> bool:
    return at - closed_at <= REOPEN_WITHIN


def sees(party: int, first_nth: int, *, of: int | None, internal: bool, nth: int) -> bool:
    """Whether a complainant sees an entry of the thread: one's own, and what staff said to one.

    `first_nth`: one's first entry, before which staff spoke to others; `of`: who wrote it or to
    whom alone staff did, None for what staff said to all. What others wrote stays theirs: to have
    complained of the same parcel is no proof of knowing them.
    """
    if of is None:
        return not internal and nth > first_nth
    return of == party and not internal
