from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared.money import RIALS_MAX, Rials, SignedRials, format_rials, persian_number, share

amounts = st.integers(-RIALS_MAX, RIALS_MAX)
modest = settings(max_examples=80, deadline=None)


@pytest.mark.parametrize("kind", [Rials, SignedRials], ids=["rials", "signed"])
@pytest.mark.parametrize("bad", [1.0, 1.5, True, "1", None, RIALS_MAX + 1, float("nan")])
def test_only_whole_numbers_in_range(kind: Any, bad: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(bad)


@pytest.mark.parametrize("bad", ["1.0", "true", '"1"', "1e3", "-1", "1000000000000001"])
def test_the_same_from_json(bad: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Rials).validate_json(bad)


def test_bounds() -> None:
    assert TypeAdapter(Rials).validate_python(RIALS_MAX) == RIALS_MAX
    assert TypeAdapter(Rials).validate_json("0") == 0
    assert TypeAdapter(SignedRials).validate_python(-RIALS_MAX) == -RIALS_MAX
    with pytest.raises(ValidationError):
        TypeAdapter(SignedRials).validate_python(-RIALS_MAX - 1)


@modest
@given(amounts, st.integers(0, 10**6), st.integers(1, 10**6))
def test_share_is_decimal_half_up(amount: int, numerator: int, denominator: int) -> None:
    whole, rest = divmod(abs(amount) * numerator, denominator)
    want = whole + int((Decimal(rest) / denominator).quantize(Decimal(1), ROUND_HALF_UP))
    assert share(amount, numerator, denominator) == (want if amount >= 0 else -want)


@modest
@given(amounts, st.integers(-1000, 1000), st.integers(1, 1000))
def test_reversals_and_halves(amount: int, numerator: int, denominator: int) -> None:
    part = share(amount, numerator, denominator)
    assert share(-amount, numerator, denominator) == -part
    assert 2 * abs(part * denominator - amount * numerator) <= denominator


def test_share_examples() -> None:
    assert [share(n, 1, 2) for n in (1, 3, -1, 0)] == [1, 2, -1, 0]
    assert share(57_500, 9, 100) == 5_175
    with pytest.raises(ValueError, match="positive"):
        share(1, 1, 0)


def test_for_people() -> None:
    assert format_rials(57_500) == "۵۷٬۵۰۰ ریال"
    assert persian_number(0) == "۰"
    assert persian_number(-1_234_567) == "\u200e\u2212۱٬۲۳۴٬۵۶۷"
