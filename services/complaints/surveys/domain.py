"""Rules of the surveys: who is asked, what a link is, what words are about. Pure."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal, get_args
from uuid import UUID, uuid5

from shared.derived import derived_secret
from shared.text import search_words, searched_words

Kind = Literal["delivery", "case"]
State = Literal["open", "answered", "expired", "withdrawn"]
Coder = Literal["keywords", "staff"]
Category = Literal[
    "delay", "damage", "loss", "conduct", "notice", "place", "waiting", "price", "other"
]
CATEGORIES: Final[tuple[Category, ...]] = get_args(Category)

ANSWER_WITHIN: Final = timedelta(days=30)
SATISFIED: Final = 4
"""Scores from here on are satisfied."""
BASIS_POINTS: Final = 10_000
_INVITATIONS: Final = UUID("5f0d7c3e-6a0b-5a3e-9d53-2c6a1c7f4b21")
_STARS_AT: Final = "*"


@dataclass(frozen=True, slots=True)
class Sampling:
    """A rule: of what, from when to when (both days included), how many in ten thousand."""

    office: str | None
    product: str | None
    rate_basis_points: int
    seed: str
    valid_from: date
    valid_until: date | None

    def covers(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


def rule_of(
    rules: Iterable[Sampling], office: str | None, product: str | None, day: date
) -> Sampling | None:
    """The closest: of the office and product, of the office, of the product, of all."""
    fitting = [
        rule
        for rule in rules
        if rule.covers(day) and rule.office in {None, office} and rule.product in {None, product}
    ]
    if not fitting:
        return None
    return max(fitting, key=lambda rule: (rule.office is not None, rule.product is not None))


def is_chosen(item: str, office: str, product: str, seed: str, rate_basis_points: int) -> bool:
    """Whether an item is in the sample: the same answer for ever, whoever asks and when."""
    told = f"{seed}\x1f{office}\x1f{product}\x1f{item}".encode()
    drawn = int.from_bytes(hashlib.sha256(told).digest()[:8], "big")
    return drawn * BASIS_POINTS < rate_basis_points << 64


def invitation_id(kind: Kind, cause: str) -> UUID:
    """One a cause: the scan that delivered, or the number of the case."""
    return uuid5(_INVITATIONS, f"{kind}/{cause}")


def secret_of(pepper: bytes, world: str, invitation: UUID) -> str:
    """The secret of a link; who sends it makes it anew, as parcels' messages do."""
    return derived_secret(pepper, "survey", world, str(invitation))


def secret_hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def opens(secret: str, stored_hash: bytes) -> bool:
    """Whether this is the secret, in constant time."""
    return hmac.compare_digest(secret_hash(secret), stored_hash)


def is_satisfied(score: int) -> bool:
    return score >= SATISFIED


def folded(words: str) -> str:
    """What is looked through for words."""
    return " ".join(searched_words(words))


def folded_keyword(keyword: str) -> str:
    """As keywords are kept; empty if nothing is left of it."""
    words = search_words(keyword)
    star = _STARS_AT if words and keyword.rstrip().endswith(_STARS_AT) else ""
    return " ".join(words) + star


def coded(words: str, keywords: Mapping[str, Category]) -> set[Category]:
    """What the words are about: each keyword stands for a word, or words in a row."""
    text = f" {folded(words)} "
    return {category for keyword, category in keywords.items() if _stands_in(keyword, text)}


def _stands_in(keyword: str, text: str) -> bool:
    if keyword.endswith(_STARS_AT):
        return f" {keyword[:-1]}" in text
    return f" {keyword} " in text


def prefix_query(words: str) -> str | None:
    """A tsquery of 'simple': every word, as the beginning of one; None if there is none."""
    found = search_words(words)
    return " & ".join(f"{word}:*" for word in found) if found else None
