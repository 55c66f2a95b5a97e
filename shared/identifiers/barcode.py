"""Barcodes: ours (24 digits), UPU S10 (13 characters), other posts' (24 digits, opaque).

Ours: issuer prefix 4, serial 14, random 4, check 2 (ISO 7064 MOD 97-10). Issuers are a tuple of
prefixes, the index is the slot of the item id: append only, or old items change their barcodes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.identifiers.invalid import IdentifierError, Reason
from shared.identifiers.item import S10_SLOT, SLOT
from shared.identifiers.s10 import S10, parse_s10, s10_code
from shared.text import fold_code

ISSUERS: tuple[str, ...] = ("6100",)
"""An example; a real prefix is the post's to give."""

_LENGTH = 24
_CHECKS = [f"{98 - rest * 100 % 97:02d}" for rest in range(97)]  # by remainder of the 22 digits


@dataclass(frozen=True, slots=True)
class Ours:
    """A well-formed barcode of ours; whether it was ever issued is for the database to say."""

    code: str
    item_id: int


@dataclass(frozen=True, slots=True)
class OtherPost:
    """Another post's number: its structure is not public, so it is an alias and no more."""

    code: str


@dataclass(frozen=True, slots=True)
class Malformed:
    """No barcode of any kind; `message` names the fix."""

    reason: Reason
    message: str


Parsed = Ours | S10 | OtherPost | Malformed


def valid_issuers(prefixes: Sequence[str]) -> tuple[str, ...]:
    """A setting's list as issuers; ValueError unless one to eight distinct four-digit prefixes."""
    sound = all(len(p) == 4 and p.isascii() and p.isdigit() for p in prefixes)
    if not (sound and 1 <= len(prefixes) <= S10_SLOT and len(set(prefixes)) == len(prefixes)):
        raise ValueError("issuer prefixes are one to eight distinct texts of four digits")
    return tuple(prefixes)


def item_id_fast(barcode: str, issuers: tuple[str, ...] = ISSUERS) -> int | None:
    """The item id of a barcode of ours in plain ASCII digits; None sends you to parse_barcode."""
    if len(barcode) != _LENGTH or not (barcode.isascii() and barcode.isdigit()):
        return None
    number = int(barcode)
    # 00, 01 and 99 would pass for 97, 98 and 02: one item must not have two barcodes.
    if number % 97 != 1 or not 2 <= number % 100 <= 98:
        return None
    try:
        return issuers.index(barcode[:4]) * SLOT + number // 100 % SLOT
    except ValueError:
        return None


def format_barcode(item_id: int, issuers: tuple[str, ...] = ISSUERS) -> str:
    """The 24 digits of an item of ours; ValueError for a slot that has no issuer."""
    slot = item_id // SLOT
    if not 0 <= slot < len(issuers):
        raise ValueError("no issuer has the slot of this item id")
    body = issuers[slot] + str(item_id - slot * SLOT).zfill(18)
    return body + _CHECKS[int(body) % 97]


def barcode_of(item_id: int, issuers: tuple[str, ...] = ISSUERS) -> str:
    """The barcode of any item id, ours or S10."""
    if item_id // SLOT == S10_SLOT:
        return s10_code(item_id)
    return format_barcode(item_id, issuers)


def parse_barcode(text: str, issuers: tuple[str, ...] = ISSUERS) -> Parsed:
    """Whatever was typed or scanned: any digits, case, spaces and hyphens."""
    code = fold_code(text)
    if not (code.isascii() and code.isalnum()):
        return Malformed(Reason.WRONG_CHARACTERS, "A barcode has digits and Latin letters only")
    if len(code) == _LENGTH and code.isdigit():
        return _parse_digits(code, issuers)
    if len(code) == 13 and not code.isdigit():
        return _parse_s10(code)
    return Malformed(
        Reason.WRONG_LENGTH, "A barcode has 24 digits, or 13 characters such as RR123456785IR"
    )


def _parse_digits(code: str, issuers: tuple[str, ...]) -> Parsed:
    if code[:4] not in issuers:
        return OtherPost(code)
    item_id = item_id_fast(code, issuers)
    if item_id is None:
        return Malformed(
            Reason.BAD_CHECK_DIGIT, "The check digits do not fit: read the barcode again"
        )
    return Ours(code, item_id)


def _parse_s10(code: str) -> Parsed:
    try:
        return parse_s10(code)
    except IdentifierError as error:
        return Malformed(error.reason, str(error))
