"""Persian text: digits, search folding, alphabetical order, and text that PostgreSQL can store."""

import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

_PERSIAN_DIGITS = "".join(chr(0x06F0 + n) for n in range(10))
_ARABIC_DIGITS = "".join(chr(0x0660 + n) for n in range(10))
_TO_ASCII_DIGITS = str.maketrans(_PERSIAN_DIGITS + _ARABIC_DIGITS, "0123456789" * 2)
_TO_PERSIAN_DIGITS = str.maketrans("0123456789", _PERSIAN_DIGITS)

_TATWEEL = "\u0640"
_DIACRITICS = "".join(map(chr, range(0x064B, 0x0660))) + "\u0670"
# Zero-width joiner and the bidirectional marks that copying from a web page brings along.
_INVISIBLE = "\u200d\u200e\u200f\u061c\ufeff" + "".join(
    map(chr, [*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
)
_ZWNJ = "\u200c"


def fold_digits(text: str) -> str:
    """Persian and Arabic-Indic digits become ASCII; all else stays."""
    return text if text.isascii() else text.translate(_TO_ASCII_DIGITS)


def persian_digits(text: str) -> str:
    """ASCII digits become Persian ones, for people's eyes."""
    return text.translate(_TO_PERSIAN_DIGITS)


_CODE_SEPARATORS = dict.fromkeys(
    map(ord, "-\u2010\u2011\u2012\u2013\u2014\u2212" + _ZWNJ + _INVISIBLE)
)


def fold_code(text: str) -> str:
    """What a person typed for a code: ASCII digits, upper case, no spaces, hyphens or marks."""
    if not (text.isascii() and text.isalnum()):
        text = "".join(fold_digits(text).translate(_CODE_SEPARATORS).split())
    # Beyond ASCII, upper() would make a Latin I of a dotless one and so invent a valid code.
    return text.upper() if text.isascii() else text


def _search_table() -> dict[int, str | None]:
    same = {  # letters that people type one for another
        "ی": "يىئېێے",
        "ک": "كڪ",
        "ا": "أإآٱ",  # noqa: RUF001 - Persian letters are meant
        "و": "ؤ",
        "ه": "ۀةہە",  # noqa: RUF001 - Persian letters are meant
    }
    table: dict[int, str | None] = {
        ord(variant): letter for letter, variants in same.items() for variant in variants
    }
    table |= dict.fromkeys(map(ord, _DIACRITICS + _TATWEEL + _INVISIBLE + "\u0621"))
    return table | {ord(_ZWNJ): " "} | {k: chr(v) for k, v in _TO_ASCII_DIGITS.items()}


_SEARCH = _search_table()


def fold_search(text: str) -> str:
    """The form in which two spellings of one name are equal; store it beside the original.

    A ZWNJ counts as a space, as in Lucene's PersianCharFilter; runs of spaces become one.
    """
    return " ".join(text.translate(_SEARCH).casefold().split())


_WORD = re.compile(r"[^\W_]+")


def search_words(text: str) -> list[str]:
    """The words of what someone looks for: folded, without punctuation."""
    return _WORD.findall(fold_search(text))


def searched_words(text: str) -> list[str]:
    """The words of a text that is looked through: as `search_words`, and what a ZWNJ parts as one.

    So a name is found whether it is typed with a ZWNJ, with a space or in one word.
    """
    words = search_words(text)
    if _ZWNJ in text:
        words += [word for word in search_words(text.replace(_ZWNJ, "")) if word not in words]
    return words


# The primary order of CLDR's fa collation: a group sorts as one letter.
_ALPHABET = (
    "آ اٱ ءأٲإٳؤئ ب پ ت ث ج چ ح خ د ذ ر ز ژ س ش ص ض ط ظ ع غ ف ق "
    "کكڪګڬڭڮػؼ گ ل م ن و هەہةۃۀھ یىيےېۑۍێؽؾؿ"
)


def _fa_table() -> tuple[str, str]:
    """The two arguments of SQL translate(): `from` is longer, its tail is deleted.

    Letters go to consecutive code points from U+0621 on, so that byte order is Persian order;
    every letter between U+0621 and U+064A is mapped, so no two letters meet by accident.
    """
    pairs = [
        (variant, chr(0x0621 + rank))
        for rank, group in enumerate(_ALPHABET.split())
        for variant in group
    ]
    pairs += [(chr(k), chr(v)) for k, v in _TO_ASCII_DIGITS.items()]
    pairs += [(chr(c), chr(c + 32)) for c in range(ord("A"), ord("Z") + 1)]
    pairs.append(("\u00a0", " "))
    deleted = _TATWEEL + _DIACRITICS + _ZWNJ + _INVISIBLE
    return "".join(p[0] for p in pairs) + deleted, "".join(p[1] for p in pairs)


_FA_FROM, _FA_TO = _fa_table()
_FA_KEY = str.maketrans(_FA_FROM[: len(_FA_TO)], _FA_TO, _FA_FROM[len(_FA_TO) :])


def fa_key(text: str) -> str:
    """Sort key of Persian alphabetical order; the twin of the SQL function of this name."""
    return text.translate(_FA_KEY)


def _sql_literal(text: str) -> str:
    return (
        "U&'" + "".join(c if c.isalnum() and c.isascii() else f"\\{ord(c):04X}" for c in text) + "'"
    )


FA_KEY_SQL = (
    "CREATE OR REPLACE FUNCTION fa_key(text) RETURNS text"
    " LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE"
    f" RETURN translate($1, {_sql_literal(_FA_FROM)}, {_sql_literal(_FA_TO)})"
)
"""One statement for a migration. Index and sort by `fa_key(name) COLLATE "C"`, then `name`."""


def storable(text: str) -> str:
    """Refuse what PostgreSQL's text cannot hold: NUL and lone surrogates."""
    if "\x00" in text:
        raise PydanticCustomError("text_nul", "Remove the NUL character (U+0000)")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise PydanticCustomError(
            "text_surrogate", "Remove the lone surrogate (half of a character, U+D800 to U+DFFF)"
        ) from None
    return text


def _storable_input(value: Any) -> Any:
    return storable(value) if isinstance(value, str) else value


@dataclass(frozen=True)
class TextRule:
    """Annotated metadata: a stripped, storable string; lengths are in code points, after strip."""

    min_length: int
    max_length: int

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        sized = core_schema.str_schema(
            strip_whitespace=True, min_length=self.min_length, max_length=self.max_length
        )
        # Before, not after: pydantic-core meets a surrogate while stripping, and says it obscurely.
        return core_schema.no_info_before_validator_function(_storable_input, sized)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return handler(schema) | {"pattern": "^[^\\u0000]*$"}


def text(min_length: int, max_length: int) -> TextRule:
    """What to annotate a string with; both lengths count."""
    return TextRule(min_length, max_length)


Text = Annotated[str, text(1, 2000)]
"""Free text where a field has no length of its own."""
