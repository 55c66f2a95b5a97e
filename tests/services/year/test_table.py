from typing import Any

from services.year.table import Row, as_table, compare, readings, shares


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


def report(of: dict[str, Any], **changes: Any) -> dict[str, Any]:
    done = {"acceptance": 80, "sorting": 0, "transport": 40, "delivery": 80, "delegated": 90}
    weights = (0.3, 0.1, 0.1, 0.3, 0.2)
    shares = [
        {
            "task": task,
            "count": 100,
            "outside_count": outside,
            "outside_percent": float(outside),
            "weight": weight,
        }
        for (task, outside), weight in zip(done.items(), weights, strict=True)
    ]
    return {
        "volumes": of,
        "services": {
            "services": {"in_force": 400},
            "electronic": {"count": 92, "previous_count": 57},
        },
        "workforce": {
            "total": 2400,
            "by_employment": [
                {"employment": "payroll", "count": 600},
                {"employment": "agency", "count": 1800},
            ],
            "outside_state_percent": 75.0,
        },
        "tasks": {"rows": shares, "total_outside_percent": 70.0},
        **changes,
    }


YEAR = volumes(
    ("pishtaz", "counter", 2625, 2365),
    ("sefareshi", "counter", 14_635, 12_095),
    ("pishtaz", "ecommerce", 150, 93),
    ("sefareshi", "ecommerce", 90, 55),
)
HALF = volumes(("adi", "counter", 9120, 8000))


def rows(year: dict[str, Any], **changes: Any) -> dict[str, Row]:
    return {row.name: row for row in compare(report(year, **changes), {"volumes": HALF}, 2000)}


def test_groups_and_differences() -> None:
    found = compare(report(YEAR), {"volumes": HALF}, 2000)
    assert [(row.name, row.reported) for row in found] == [
        ("items sorted and moved", 35_000_000),
        ("express items", 10.99),
        ("postal items", 21.0),
        ("electronic services", 61.95),
        ("e-commerce packages", 480_000),
        ("e-commerce packages", 62.16),
        ("first half of the next year", 14.0),
        ("people", 2400),
        ("people on the payroll", 600),
        ("people outside the state part", 75.0),
        ("tasks outside the state part", 70.0),
        ("delegated services", 400),
    ]
    assert [row.name for row in found if not row.agrees] == ["electronic services"]
    assert found[0].difference == 0


def test_one_item_off_is_told_from_two() -> None:
    one = volumes(("pishtaz", "counter", 1111, 1000))
    two = volumes(("pishtaz", "counter", 1112, 1000))
    assert rows(one)["express items"].agrees
    assert not rows(two)["express items"].agrees


def test_people_and_services_agree_exactly_or_not() -> None:
    nearly: dict[str, Any] = report(YEAR)
    nearly["workforce"] |= {"total": 2399, "outside_state_percent": 74.9}
    nearly["services"]["services"] = {"in_force": 401}
    found = {row.name: row for row in compare(nearly, {"volumes": HALF}, 2000)}
    assert [
        found[name].agrees
        for name in ("people", "people outside the state part", "delegated services")
    ] == [False] * 3
    assert found["people on the payroll"].agrees


def test_tasks_agree_within_one_of_each() -> None:
    """Of a hundred each, one more or less of every task is one point in all."""
    for outside, agrees in ((86, True), (85, True), (84, False), (95, True), (96, False)):
        tasks = report(YEAR)["tasks"]
        tasks["rows"][4] |= {"outside_count": outside}
        assert rows(YEAR, tasks=tasks)["tasks outside the state part"].agrees == agrees
    unknown: dict[str, Any] = {"rows": [], "total_outside_percent": None}
    assert not rows(YEAR, tasks=unknown)["tasks outside the state part"].agrees


def test_nothing_to_grow_from_is_a_dash_and_no_agreement() -> None:
    new = volumes(("pishtaz", "counter", 500, 0))
    row = rows(new)["express items"]
    assert (row.reported, row.difference, row.agrees) == (None, None, False)
    assert as_table([row], 1397, 2000).row_count == 1


def test_readings_follow_the_year() -> None:
    assert readings(1400)[0].startswith("The year is 1400, compared with 1399; the half is 1401-H1")
    assert all(readings(1397))
    (told,) = shares(report(YEAR))
    assert told.startswith("Done outside the state part: acceptance 80.00% of 100 (weight 0.3), ")
    assert told.endswith(", delegated 90.00% of 100 (weight 0.2).")
