from hypothesis import given
from hypothesis import strategies as st

from services.year.days import Month
from services.year.figures import (
    GROWTH_PERCENT,
    ITEMS,
    SPLIT,
    Counts,
    counts,
    group_of,
    half,
    total,
    whole,
)

SCALES = st.integers(1, 200_000)


def _group(of: Counts, year: int, group: str) -> int:
    return sum(
        count
        for month in whole(year)
        for cell, count in of[month].items()
        if group_of(*cell) == group
    )


def test_the_split_is_of_the_whole_and_each_cell_in_its_group() -> None:
    assert sum(sum(cells.values()) for cells in SPLIT.values()) == ITEMS
    assert sum(SPLIT["ecommerce"].values()) == 480_000
    assert all(group_of(*cell) == group for group, cells in SPLIT.items() for cell in cells)


@given(SCALES)
def test_the_year_is_the_published_total(scale: int) -> None:
    table = counts(1397, scale)
    assert abs(total(table, whole(1397)) * scale - 35_000_000) <= scale / 2
    assert abs(_group(table, 1397, "ecommerce") * scale - 480_000) <= scale / 2


@given(SCALES)
def test_growth_of_each_group_is_within_one_item(scale: int) -> None:
    table = counts(1397, scale)
    for group, percent in GROWTH_PERCENT.items():
        before, this = _group(table, 1396, group), _group(table, 1397, group)
        assert abs(before * (100 + percent) - this * 100) < 100 + percent
        assert abs(this - before * (100 + percent) / 100) <= 1


@given(SCALES)
def test_the_half_grows_by_fourteen_percent(scale: int) -> None:
    table = counts(1397, scale)
    before, this = total(table, half(1397)), total(table, half(1398))
    assert abs(this - before * 1.14) <= 0.5 + 1e-9


@given(SCALES)
def test_nothing_is_negative_and_months_are_complete(scale: int) -> None:
    table = counts(1397, scale)
    assert set(table) == {*whole(1396), *whole(1397), *half(1398)}
    assert all(count >= 0 for month in table.values() for count in month.values())


def test_scale_2000_as_the_guide_says() -> None:
    table = counts(1397, 2000)
    assert total(table, whole(1397)) == 17_500
    assert _group(table, 1397, "ecommerce") == 240
    assert _group(table, 1396, "ecommerce") == 148
    assert total(table, [*whole(1396), *whole(1397), *half(1398)]) == 41_420


def test_the_season_shows() -> None:
    table = counts(1397, 100)
    by_month = [total(table, [month]) for month in whole(1397)]
    assert by_month[0] == min(by_month)
    assert by_month[11] == max(by_month)


def test_another_year_is_a_parameter() -> None:
    assert counts(1400, 2000)[Month(1400, 5)] == counts(1397, 2000)[Month(1397, 5)]
