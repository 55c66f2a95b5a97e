from collections.abc import Callable

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.identifiers import (
    IdentifierError,
    parse_legal_id,
    parse_mobile,
    parse_national_id,
    parse_phone,
    parse_postal_code,
    parse_sheba,
    postal_code_warnings,
)
from shared.text import persian_digits

VALID: list[tuple[Callable[[str], str], str]] = [
    (parse_national_id, "0499370899"),
    (parse_national_id, "0790419904"),
    (parse_national_id, "0084575948"),
    (parse_legal_id, "10380284790"),
    (parse_legal_id, "10100387143"),
    (parse_sheba, "IR820540102680020817909002"),
    (parse_postal_code, "6135743337"),
    (parse_postal_code, "1619735744"),
]


def digits(size: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=size, max_size=size)


@pytest.mark.parametrize(("parse", "code"), VALID)
class TestValid:
    def test_as_it_is(self, parse: Callable[[str], str], code: str) -> None:
        assert parse(code) == code

    def test_in_persian_digits_with_hyphens(self, parse: Callable[[str], str], code: str) -> None:
        assert parse(f" {persian_digits(code[:5])}-{code[5:].lower()}") == code

    def test_any_wrong_check_digit_or_length_is_refused(
        self, parse: Callable[[str], str], code: str
    ) -> None:
        assert parse is parse_postal_code or _refused(parse, _other_last(code))
        assert _refused(parse, code[:-1])
        assert _refused(parse, code + "0")
        assert _refused(parse, code[:-1] + "x")


def _other_last(code: str) -> str:
    return code[:-1] + str((int(code[-1]) + 1) % 10)


def _refused(parse: Callable[[str], str], code: str) -> bool:
    with pytest.raises(IdentifierError) as caught:
        parse(code)
    return code not in str(caught.value)  # never repeats what may be personal


@pytest.mark.parametrize(
    ("parse", "code", "reason"),
    [
        (parse_national_id, "0684159415", "bad_check_digit"),
        (parse_national_id, "1111111111", "not_issued"),
        (parse_national_id, "84575948", "wrong_length"),
        (parse_legal_id, "10380284791", "bad_check_digit"),
        (parse_sheba, "IR820540102680020817909003", "bad_check_digit"),
        (parse_sheba, "820540102680020817909002", "wrong_characters"),
        (parse_postal_code, "6035743337", "not_issued"),
        (parse_postal_code, "6125743337", "not_issued"),
    ],
)
def test_refused_with_its_reason(parse: Callable[[str], str], code: str, reason: str) -> None:
    with pytest.raises(IdentifierError) as caught:
        parse(code)
    assert caught.value.reason == reason


def test_a_late_2_in_a_postal_code_is_only_a_warning() -> None:
    assert postal_code_warnings(parse_postal_code("6135743237"))
    assert not postal_code_warnings("6135743337")


@settings(max_examples=60, deadline=None)
@given(digits(9))
def test_nine_digits_have_exactly_one_check_digit(body: str) -> None:
    fitting = [c for c in "0123456789" if _parses(parse_national_id, body + c)]
    assert len(fitting) == 1 or body == body[0] * 9


@settings(max_examples=60, deadline=None)
@given(digits(10))
def test_ten_digits_of_a_firm_have_exactly_one_check_digit(body: str) -> None:
    assert sum(_parses(parse_legal_id, body + c) for c in "0123456789") == 1


def _parses(parse: Callable[[str], str], code: str) -> bool:
    try:
        return parse(code) == code
    except IdentifierError:
        return False


class TestPhone:
    @pytest.mark.parametrize(
        "text",
        [
            "09123456789",
            "۰۹۱۲۳۴۵۶۷۸۹",
            "+989123456789",
            "00989123456789",
            "0912 345 6789",
            "+98 (912) 345-67-89",
            "9123456789",
        ],
    )
    def test_spellings_of_one_mobile(self, text: str) -> None:
        assert parse_mobile(text) == parse_phone(text) == "+989123456789"

    @pytest.mark.parametrize("text", ["06133334444", "+442079460000", "0912345678", "", "09003"])
    def test_no_iranian_mobile(self, text: str) -> None:
        with pytest.raises(IdentifierError, match="09123456789"):
            parse_mobile(text)

    def test_a_land_line_and_a_foreign_number_are_phones(self) -> None:
        assert parse_phone("۰۶۱-۳۳۳۳۴۴۴۴") == "+986133334444"
        assert parse_phone("+44 20 7946 0000") == "+442079460000"

    @pytest.mark.parametrize("text", ["123", "call 09123456789", "06133334444 ext 3"])
    def test_no_phone(self, text: str) -> None:
        with pytest.raises(IdentifierError, match="area code"):
            parse_phone(text)

    @settings(max_examples=150, deadline=None)
    @given(digits(9), st.sampled_from(["", "0", "+98", "0098"]))
    def test_the_short_way_agrees_with_phonenumbers(self, rest: str, prefix: str) -> None:
        number = phonenumbers.parse(f"+989{rest}")
        mobile = phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE
        assert _accepted(f"{prefix}9{rest}") == (f"+989{rest}" if mobile else None)


def _accepted(text: str) -> str | None:
    try:
        return parse_mobile(text)
    except IdentifierError:
        return None
