from typing import Any

from services.year.table import as_table, compare, readings


def volumes(*rows: tuple[str, str, int, int]) -> dict[str, Any]:
    return {
        "total": {
            "count": sum(row[2] for row in rows),
            "previous_count": sum(row[3] for row in rows),
        },
        "rows": [
            {"product": product, "channel": channel, "count": count, "previous_count": before}
            for product, channel, count, before in rows
        ],
    }


YEAR = volumes(
    ("pishtaz", "counter", 2625, 2365),
    ("sefareshi", "counter", 14_635, 12_095),
    ("pishtaz", "ecommerce", 150, 93),
    ("sefareshi", "ecommerce", 90, 55),
)
HALF = volumes(("adi", "counter", 9120, 8000))


def test_groups_and_differences() -> None:
    rows = compare(YEAR, HALF, 2000)
    assert [row.reported for row in rows] == [35_000_000, 10.99, 21.0, 480_000, 62.16, 14.0]
    assert [row.agrees for row in rows] == [True] * 6
    assert rows[0].difference == 0


def test_one_item_off_is_told_from_two() -> None:
    one = volumes(("pishtaz", "counter", 1111, 1000))
    two = volumes(("pishtaz", "counter", 1112, 1000))
    assert compare(one, HALF, 2000)[1].agrees
    assert not compare(two, HALF, 2000)[1].agrees


def test_nothing_to_grow_from_is_a_dash_and_no_agreement() -> None:
    new = volumes(("pishtaz", "counter", 500, 0))
    row = compare(new, HALF, 2000)[1]
    assert (row.reported, row.difference, row.agrees) == (None, None, False)
    assert as_table([row], 1397, 2000).row_count == 1


def test_readings_follow_the_year() -> None:
    assert readings(1400)[0].startswith("The year is 1400, compared with 1399; the half is 1401-H1")
    assert len(readings(1397)) == 7
