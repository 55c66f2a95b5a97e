"""The type size of a block, and the sorter's code."""

from hypothesis import given, settings
from hypothesis import strategies as st

from services.parcels.labels.domain import fitting, route_code


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 300), min_size=1, max_size=6), st.integers(10, 60))
def test_more_text_is_never_set_larger(lengths: list[int], height: int) -> None:
    lines = ["الف " * (length // 4) for length in lengths]
    size = fitting(lines, 93, height)
    assert 4 <= size <= 11
    assert fitting([*lines, "الف"], 93, height) <= size
    assert fitting(lines, 93, height + 5) >= size


def test_the_sorter_reads_the_area_first() -> None:
    assert route_code("khuzestan", "dezful", "6461843337") == "64618 DEZFUL"
    assert route_code("khuzestan", "dezful", None) == "DEZFUL"
    assert route_code("tehran", None, None) == "TEHRAN"
    assert route_code(None, None, None) == "-"
