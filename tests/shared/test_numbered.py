"""Numbers of containers: read back, and never one for another after a slip of the hand."""

from hypothesis import given
from hypothesis import strategies as st

from shared.identifiers.numbered import numbered, serial_of

SERIALS = st.integers(0, 10**12 - 1)


@given(SERIALS, st.sampled_from(["BG", "MF"]))
def test_comes_back(serial: int, prefix: str) -> None:
    code = numbered(prefix, serial)
    assert len(code) == 16
    assert serial_of(prefix, code) == serial
    assert serial_of(prefix, f" {code.lower()} ") == serial
    assert serial_of("BG" if prefix == "MF" else "MF", code) is None


@given(SERIALS, st.integers(2, 15), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(serial: int, place: int, off: int) -> None:
    code = numbered("MF", serial)
    wrong = code[:place] + str((int(code[place]) + off) % 10) + code[place + 1 :]
    assert serial_of("MF", wrong) is None
