"""Rules of looking for offices: what is made of a phrase, and of a distance on the globe."""

import math
from collections.abc import Mapping, Sequence
from typing import Final, Literal

from services.offices.registry.domain import EARTH_RADIUS_M
from shared.text import search_words

WORDS_MAX: Final = 10
TRIGRAM: Final = 3

Sort = Literal["relevance", "name", "code", "distance"]


def words(phrase: str) -> list[str]:
    """What to look for, each word once; the longest ones where there are too many."""
    found = list(dict.fromkeys(search_words(phrase)))
    if len(found) <= WORDS_MAX:
        return found
    kept = set(sorted(found, key=len, reverse=True)[:WORDS_MAX])
    return [word for word in found if word in kept]


def has(word: str) -> str:
    """The LIKE pattern of a text that has a word: a short one at a word's start, for the index."""
    return f"%{word}%" if len(word) >= TRIGRAM else f"% {word}%"


def may_be_misspelt(word: str) -> bool:
    return len(word) >= TRIGRAM and word.isalpha()


def has_any(word: str, look_alikes: Sequence[str]) -> str:
    """The regular expression of a text that has a word or one like it; letters and digits only."""
    return "|".join([word if len(word) >= TRIGRAM else f" {word}", *look_alikes])


def has_one_of_each(found: Sequence[str], look_alikes: Mapping[str, Sequence[str]]) -> list[str]:
    return [has_any(word, look_alikes.get(word, ())) for word in found]


def chord(distance_m: float) -> float:
    """The straight line through the unit sphere that spans a distance along its surface."""
    return 2 * math.sin(min(distance_m / (2 * EARTH_RADIUS_M), math.pi / 2))
