"""What pages say, in Persian and English: one JSON file a slice and language, read once."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal, get_args

from services.gateway.web.numbers import digits, number

Language = Literal["fa", "en"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
FOLDER: Final = Path(__file__).parent / "texts"


def read(language: Language) -> dict[str, str]:
    """Every text of a language by its key, `track.title`; ValueError where two files have it."""
    found: dict[str, str] = {}
    for path in sorted((FOLDER / language).glob("*.json")):
        texts: dict[str, str] = json.loads(path.read_text("utf-8"))
        if doubled := found.keys() & texts.keys():
            raise ValueError(f"{path.name} says again: {sorted(doubled)}")
        found |= texts
    return found


class Texts:
    """One language. A key that is missing is a KeyError: no page shows one."""

    def __init__(self, language: Language, texts: Mapping[str, str] | None = None) -> None:
        self.language: Language = language
        self._texts = read(language) if texts is None else texts

    def __call__(self, key: str, **values: Any) -> str:
        """The text, its `{names}` filled in; whole numbers with separators, all in its digits."""
        text = self._texts[key]
        return text.format_map({k: self._shown(v) for k, v in values.items()}) if values else text

    def name(self, family: str, code: object, default: str | None = None) -> str:
        """The word for a code, of `family.code`; without one, `default` or the code itself."""
        found = self._texts.get(f"{family}.{code}")
        return found if found is not None else str(code) if default is None else default

    def has(self, key: str) -> bool:
        return key in self._texts

    def _shown(self, value: Any) -> str:
        if isinstance(value, int) and not isinstance(value, bool):
            return number(value, self.language)
        return digits(str(value), self.language)


ALL: Final[dict[Language, Texts]] = {language: Texts(language) for language in LANGUAGES}
