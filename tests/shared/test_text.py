import json
from itertools import pairwise
from typing import Annotated, Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from shared.text import (
    FA_KEY_SQL,
    Text,
    fa_key,
    fold_code,
    fold_digits,
    fold_search,
    persian_digits,
    text,
)

modest = settings(max_examples=60, deadline=None)
Name = Annotated[str, text(2, 10)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: Name


def _python(value: Any) -> _Body:
    return _Body.model_validate({"name": value})


def _loads(value: Any) -> _Body:
    """As FastAPI reads a body: the standard library's json, then the model."""
    return _Body.model_validate(json.loads(json.dumps({"name": value})))


def _json(value: Any) -> _Body:
    return _Body.model_validate_json(json.dumps({"name": value}))


@pytest.mark.parametrize("read", [_python, _loads, _json])
class TestText:
    @pytest.mark.parametrize("bad", ["ab\x00c", "ab\ud800", "\udfffab", "\ud800 \ud800"])
    def test_what_postgres_cannot_hold_is_refused(self, read: Any, bad: str) -> None:
        with pytest.raises(ValidationError) as caught:
            read(bad)
        [error] = caught.value.errors()
        assert error["type"] in {"text_nul", "text_surrogate", "json_invalid"}

    @pytest.mark.parametrize("bad", ["", " a ", "x" * 11, 12, None, ["ab"]])
    def test_length_counts_after_stripping(self, read: Any, bad: Any) -> None:
        with pytest.raises(ValidationError):
            read(bad)

    @pytest.mark.parametrize("good", ["  اهواز\n", "می\u200cروم", "ab", "x" * 10, "😀😀"])
    def test_the_rest_is_stripped_and_else_kept(self, read: Any, good: str) -> None:
        assert read(good).name == good.strip()


@modest
@given(st.text(max_size=30))
def test_text_that_passes_can_be_sent_to_a_database(value: str) -> None:
    try:
        kept = TypeAdapter(Text).validate_python(value)
    except ValidationError:
        assert not value.strip() or "\x00" in value
    else:
        assert "\x00" not in kept.encode().decode()


def test_the_schema_says_the_bounds() -> None:
    schema = TypeAdapter(Name).json_schema()
    assert schema == {
        "type": "string",
        "minLength": 2,
        "maxLength": 10,
        "pattern": "^[^\\u0000]*$",
    }


class TestFolding:
    def test_digits(self) -> None:
        assert fold_digits("۱۲٣٤ x5") == "1234 x5"
        assert persian_digits("1397") == "۱۳۹۷"

    @modest
    @given(st.integers(0))
    def test_digits_come_back(self, number: int) -> None:
        assert fold_digits(persian_digits(str(number))) == str(number)

    def test_code(self) -> None:
        assert fold_code(" kz\u200f-۰۰٠۱۲ ") == "KZ00012"

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("علي", "علی"),
            ("كتاب", "کتاب"),
            ("می\u200cروم", "می   روم"),
            ("مُحَمَّد", "محمد"),
            ("آبادان", "ابادان"),
            ("مسؤول", "مسوول"),
            ("خانۀ", "خانه"),
            ("بنـــدر ۲", "بندر 2"),
            (" Ahvaz ", "AHVAZ"),
        ],
    )
    def test_search_finds_either_spelling(self, one: str, other: str) -> None:
        assert fold_search(one) == fold_search(other)

    def test_search_keeps_different_names_apart(self) -> None:
        assert len({fold_search(t) for t in ("شوش", "شوشتر", "سوسنگرد", "دزفول")}) == 4

    @modest
    @given(st.text(max_size=40))
    def test_search_folding_is_settled_after_once(self, value: str) -> None:
        assert fold_search(fold_search(value)) == fold_search(value)


class TestOrder:
    ALPHABET: ClassVar = list("آاءبپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی")

    def test_the_alphabet_is_in_order_in_bytes(self) -> None:
        keys = [fa_key(letter).encode() for letter in self.ALPHABET]
        assert all(a < b for a, b in pairwise(keys))

    def test_plain_byte_order_is_not_persian(self) -> None:
        assert sorted(self.ALPHABET) != self.ALPHABET

    def test_towns(self) -> None:
        towns = ["آبادان", "اهواز", "بهبهان", "پارس", "دزفول", "کارون", "گتوند", "لالی"]
        towns += ["ملاثانی", "ویس", "هندیجان", "یزدنو"]
        towns_by_code_point = sorted(towns)
        assert towns_by_code_point != towns
        assert sorted(towns_by_code_point, key=fa_key) == towns

    def test_spellings_sort_as_one(self) -> None:
        assert fa_key("كيان") == fa_key("کیان")
        assert fa_key("می\u200cروم") == fa_key("میروم")
        assert fa_key("ده ۲") < fa_key("ده ۳")

    @modest
    @given(st.text("".join(ALPHABET), max_size=8), st.text("".join(ALPHABET), max_size=8))
    def test_words_compare_letter_by_letter(self, one: str, other: str) -> None:
        ranks = [[self.ALPHABET.index(letter) for letter in word] for word in (one, other)]
        assert (fa_key(one).encode() < fa_key(other).encode()) == (ranks[0] < ranks[1])

    @modest
    @given(st.text(st.characters(min_codepoint=0x600, max_codepoint=0x6FF) | st.just("A")))
    def test_the_sql_holds_the_same_tables(self, value: str) -> None:
        """Runs translate() of the statement's own literals, read as PostgreSQL reads them."""
        source, target = (
            "".join(_unescape(part)) for part in FA_KEY_SQL.split("U&'")[1:] if "'" in part
        )
        table: dict[str, str] = {}
        for i, letter in enumerate(source):
            table.setdefault(letter, target[i] if i < len(target) else "")
        assert "".join(table.get(c, c) for c in value) == fa_key(value)


def _unescape(literal: str) -> list[str]:
    body = literal.split("'", maxsplit=1)[0]
    out = []
    while body:
        if body[0] == "\\":
            out.append(chr(int(body[1:5], 16)))
            body = body[5:]
        else:
            out.append(body[0])
            body = body[1:]
    return out
