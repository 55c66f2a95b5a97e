import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.identifiers import (
    COUNTRIES,
    CYCLES,
    ISSUERS,
    S10,
    ItemId,
    Malformed,
    OtherPost,
    Ours,
    barcode_of,
    compose,
    format_barcode,
    item_id_fast,
    parse_barcode,
    s10_item_ids,
    split,
    valid_issuers,
)
from shared.identifiers.s10 import SERVICES, check_digit
from shared.text import persian_digits

BIGINT_MAX = 2**63 - 1
EIGHT = tuple(f"61{n:02d}" for n in range(8))

slots = st.integers(0, 7)
serials = st.integers(0, 10**14 - 1)
randoms = st.integers(0, 9999)
items = st.builds(compose, slots, serials, randoms)
letters = st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
s10_codes = st.builds(
    lambda first, second, number, country: f"{first}{second}{number}{check_digit(number)}{country}",
    st.sampled_from(sorted(SERVICES)),
    letters,
    st.text("0123456789", min_size=8, max_size=8),
    st.sampled_from(sorted(COUNTRIES)),
)
modest = settings(max_examples=60, deadline=None)


class TestItemId:
    @modest
    @given(st.integers(0, 8), serials, randoms)
    def test_split_undoes_compose(self, slot: int, serial: int, random: int) -> None:
        item_id = compose(slot, serial, random)
        assert split(item_id) == ItemId(slot, serial, random)
        assert 0 <= item_id <= BIGINT_MAX

    @modest
    @given(slots, serials, serials, randoms, randoms)
    def test_a_later_serial_has_a_higher_id(
        self, slot: int, one: int, other: int, r1: int, r2: int
    ) -> None:
        if one < other:
            assert compose(slot, one, r1) < compose(slot, other, r2)

    @pytest.mark.parametrize("parts", [(9, 0, 0), (-1, 0, 0), (0, 10**14, 0), (0, 0, 10**4)])
    def test_a_part_out_of_range_is_refused(self, parts: tuple[int, int, int]) -> None:
        with pytest.raises(ValueError, match="slot is 0 to 8"):
            compose(*parts)

    @pytest.mark.parametrize("number", [-1, 9 * 10**18])
    def test_what_is_no_item_id_does_not_split(self, number: int) -> None:
        with pytest.raises(ValueError, match="not an item id"):
            split(number)


class TestOurs:
    def test_a_known_barcode(self) -> None:
        assert format_barcode(compose(0, 4273, 17)) == "610000000000004273001736"

    @modest
    @given(items)
    def test_every_item_has_one_barcode_and_back(self, item_id: int) -> None:
        code = format_barcode(item_id, EIGHT)
        assert len(code) == 24
        assert int(code) % 97 == 1
        assert item_id_fast(code, EIGHT) == item_id
        assert barcode_of(item_id, EIGHT) == code
        assert parse_barcode(code, EIGHT) == Ours(code, item_id)

    @modest
    @given(items, st.integers(0, 99))
    def test_an_item_has_no_second_barcode(self, item_id: int, check: int) -> None:
        code = format_barcode(item_id, EIGHT)
        other = f"{code[:22]}{check:02d}"
        assert (item_id_fast(other, EIGHT) == item_id) == (other == code)

    def test_checks_that_mod_97_cannot_tell_apart(self) -> None:
        """00, 01 and 99 have the remainder of 97, 98 and 02."""
        by_check = {
            code[-2:]: code for serial in range(200) for code in [format_barcode(serial * 10**4)]
        }
        for true, twin in (("97", "00"), ("98", "01"), ("02", "99")):
            code = by_check[true][:22] + twin
            assert int(code) % 97 == 1
            assert item_id_fast(code) is None

    @modest
    @given(items, st.data())
    def test_one_wrong_digit_is_noticed(self, item_id: int, data: st.DataObject) -> None:
        code = format_barcode(item_id % 10**18)
        place = data.draw(st.integers(4, 23))
        digit = data.draw(st.sampled_from([d for d in "0123456789" if d != code[place]]))
        wrong = code[:place] + digit + code[place + 1 :]
        assert item_id_fast(wrong) is None
        parsed = parse_barcode(wrong)
        assert isinstance(parsed, Malformed)
        assert parsed.reason == "bad_check_digit"

    @modest
    @given(items, st.integers(4, 22))
    def test_two_swapped_neighbours_are_noticed(self, item_id: int, place: int) -> None:
        code = format_barcode(item_id % 10**18)
        swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
        assert (item_id_fast(swapped) is None) == (swapped != code)

    @modest
    @given(items)
    def test_as_people_write_it(self, item_id: int) -> None:
        code = format_barcode(item_id, EIGHT)
        grouped = " ".join(code[i : i + 4] for i in range(0, 24, 4))
        arabic = "".join(chr(0x0660 + int(digit)) for digit in code)
        for text in (
            persian_digits(code),
            arabic,
            grouped,
            grouped.replace(" ", "-"),
            f"\u2066{code}\u2069\n",
            f"{code[:4]}\u200c{code[4:]}",
        ):
            assert parse_barcode(text, EIGHT) == Ours(code, item_id)

    @pytest.mark.parametrize(
        "text", ["6" * 23 + "²", "۶" * 24, "+" + "6" * 23, "6_" * 12, " " * 24]
    )
    def test_the_fast_path_takes_plain_digits_only(self, text: str) -> None:
        assert item_id_fast(text) is None

    @pytest.mark.parametrize("item_id", [10**18, -1, 8 * 10**18])
    def test_a_slot_without_issuer_has_no_domestic_barcode(self, item_id: int) -> None:
        with pytest.raises(ValueError, match="issuer"):
            format_barcode(item_id, ISSUERS)


class TestIssuers:
    def test_a_setting_is_taken(self) -> None:
        assert valid_issuers(["6100", "6200"]) == ("6100", "6200")

    @pytest.mark.parametrize(
        "bad", [[], ["610"], ["61O0"], ["6100", "6100"], ["۶۱۰۰"], [*EIGHT, "6299"]]
    )
    def test_what_is_refused(self, bad: list[str]) -> None:
        with pytest.raises(ValueError, match="issuer prefixes"):
            valid_issuers(bad)


class TestS10:
    @pytest.mark.parametrize(
        "code",
        [
            "RB123456785GB",
            "RR473124829GB",
            "AW784699994IN",
            "EB000000005CN",
            "RR000164273KH",
            "RR000000080IR",
            "RR000000155IR",
        ],
    )
    def test_valid(self, code: str) -> None:
        parsed = parse_barcode(code)
        assert isinstance(parsed, S10)
        assert parsed.code == code

    @pytest.mark.parametrize(
        ("code", "reason"),
        [
            ("RB123456786US", "bad_check_digit"),
            ("TT123456789GB", "unknown_service"),
            ("RB123456785XX", "unknown_country"),
            ("EA123456795US", "bad_check_digit"),
            ("TT123456785GB", "unknown_service"),
        ],
    )
    def test_invalid(self, code: str, reason: str) -> None:
        parsed = parse_barcode(code)
        assert isinstance(parsed, Malformed)
        assert parsed.reason == reason

    @modest
    @given(s10_codes, st.integers(0, CYCLES - 1))
    def test_an_id_keeps_the_whole_code_through_every_cycle(self, code: str, cycle: int) -> None:
        parsed = parse_barcode(code)
        assert isinstance(parsed, S10)
        assert split(parsed.item_id).slot == 8
        assert parsed.item_id <= BIGINT_MAX
        lives = s10_item_ids(parsed.item_id + cycle)
        assert lives[0] == parsed.item_id
        assert barcode_of(lives[cycle]) == code

    @modest
    @given(s10_codes, s10_codes)
    def test_two_codes_never_share_a_life(self, one: str, other: str) -> None:
        a, b = parse_barcode(one), parse_barcode(other)
        assert isinstance(a, S10)
        assert isinstance(b, S10)
        assert (one == other) == (a.item_id == b.item_id)
        assert one == other or b.item_id not in s10_item_ids(a.item_id)

    def test_as_people_write_it(self) -> None:
        want = parse_barcode("RR473124829GB")
        assert parse_barcode(" rr 473 124 829 gb") == want
        assert parse_barcode(persian_digits("RR-473124829-GB")) == want

    def test_a_number_beyond_the_letters_is_no_s10(self) -> None:
        with pytest.raises(ValueError, match="S10"):
            barcode_of(9 * 10**18 - 1)
        with pytest.raises(ValueError, match="S10"):
            s10_item_ids(5)


class TestOthers:
    def test_another_prefix_is_an_alias(self) -> None:
        code = "219" + "0" * 21
        assert parse_barcode(persian_digits(code)) == OtherPost(code)

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("", "wrong_characters"),
            ("12345", "wrong_length"),
            ("1" * 25, "wrong_length"),
            ("1234567890123", "wrong_length"),
            ("RR12345678IR5", "wrong_characters"),
            ("RR47312482\x00GB", "wrong_characters"),
            ("پست", "wrong_characters"),
            ("R\u0131473124829GB", "wrong_characters"),  # a dotless i is not an I
        ],
    )
    def test_malformed(self, text: str, reason: str) -> None:
        parsed = parse_barcode(text)
        assert isinstance(parsed, Malformed)
        assert parsed.reason == reason

    @settings(max_examples=150, deadline=None)
    @given(st.text(max_size=40) | st.text("0123456789RGB۱۲ -", max_size=30))
    def test_any_text_is_parsed_to_something_stable(self, text: str) -> None:
        parsed = parse_barcode(text)
        if not isinstance(parsed, Malformed):
            assert parse_barcode(parsed.code) == parsed
