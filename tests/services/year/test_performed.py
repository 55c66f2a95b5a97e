"""Delegated services and people: the sums that the table needs, exactly."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.year.days import Month, is_working
from services.year.figures import (
    OUTSIDE_TASKS_PERCENT,
    PAYROLL,
    PEOPLE,
    TASK_WEIGHTS,
    counts,
    performed,
    whole,
)
from services.year.network import Network
from services.year.performed import Performed, Side, offers
from services.year.plan import Plan
from services.year.staff import staff
from services.year.tasks import Tasks, delegated_outside
from tests.services.year.sample import KINDS, OFFERED, SERVICES


def performing(province: Network, scale: int) -> Performed:
    return Performed(Plan(province, 7, scale, 1397), offers(province, SERVICES, OFFERED))


@pytest.fixture(scope="module")
def made(province: Network) -> Performed:
    return performing(province, 20_000)


class TestOffers:
    def test_only_what_is_delegated_and_offered_that_way(self, province: Network) -> None:
        found = offers(province, SERVICES, OFFERED)
        assert found[Side(electronic=True, outside=False)] == [
            ("KZ00003", "social.insurance"),
            ("KZ00006", "tax.declaration"),
        ]
        assert ("KZ00004", "civil.id-card") in found[Side(electronic=False, outside=True)]
        assert ("KZ00012", "tax.declaration") not in found[Side(electronic=False, outside=True)]

    def test_without_a_catalogue_it_says_what_to_do(self, province: Network) -> None:
        plan = Plan(province, 7, 20_000, 1397)
        with pytest.raises(ValueError, match=r"outside the state part offers .* seed them"):
            Performed(plan, {}).records(Month(1397, 1))


class TestPerformed:
    def test_sums_of_each_year_and_channel(self, made: Performed) -> None:
        for year, wanted in performed(1397, made.plan.counts, 20_000).items():
            done: Counter[bool] = Counter()
            for month in whole(year):
                for record in made.records(month):
                    done[record.electronic] += record.count
            assert done == {True: wanted["electronic"], False: wanted["counter"]}
            assert made.count(whole(year)) == sum(wanted.values())
        assert made.count([Month(1398, 1)]) == 0
        assert made.records(Month(1398, 1)) == []

    def test_the_weighted_share_is_seventy_as_near_as_whole_services_allow(
        self, made: Performed, province: Network
    ) -> None:
        tasks = made.plan.tasks(1397)
        for month in whole(1397):
            for record in made.records(month):
                tasks["delegated", province.is_outside(record.office)] += record.count
        assert abs(weighted(tasks) - 70) <= 20 * 0.5 / made.count(whole(1397))

    def test_records_are_of_the_month_s_working_days_and_one_each(self, made: Performed) -> None:
        month = Month(1397, 2)
        records = made.records(month)
        assert records == made.records(month)
        assert len({record.record_id for record in records}) == len(records)
        working = {day.isoformat() for day in month.days() if is_working(day)}
        assert {record.day for record in records} <= working
        assert all(record.service in OFFERED[record.office] for record in records)

    def test_where_there_are_many_a_record_stands_for_several(
        self, province: Network, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("services.year.performed.RECORDS_MAX", 3)
        made = performing(province, 20_000)
        records = made.records(Month(1397, 1))
        assert sum(record.count for record in records) == made.count([Month(1397, 1)])
        sides = Counter((r.electronic, province.is_outside(r.office)) for r in records)
        assert set(sides) == {(True, True), (True, False), (False, True), (False, False)}
        assert max(sides.values()) == 3


def weighted(tasks: Tasks) -> float:
    return sum(
        weight * tasks[task, True] / (tasks[task, True] + tasks[task, False])
        for task, weight in TASK_WEIGHTS.items()
    )


COUNTS = st.integers(1, 1000)


@settings(max_examples=50)
@given(st.fixed_dictionaries({task: st.tuples(COUNTS, COUNTS) for task in TASK_WEIGHTS}))
def test_delegated_services_make_up_what_is_missing(drawn: dict[str, tuple[int, int]]) -> None:
    tasks: Tasks = Counter()
    count = sum(drawn.pop("delegated"))
    for task, (outside, state) in drawn.items():
        tasks[task, True], tasks[task, False] = outside, state
    outside = delegated_outside(tasks, count, OUTSIDE_TASKS_PERCENT)
    tasks["delegated", True], tasks["delegated", False] = outside, count - outside
    off = weighted(tasks) - OUTSIDE_TASKS_PERCENT
    assert abs(off) <= 10.01 / count or (outside == count and off < 0) or (outside == 0 < off)


@settings(max_examples=50)
@given(st.integers(100, 200_000))
def test_electronic_services_grow_within_one(scale: int) -> None:
    table = counts(1397, scale)
    done = performed(1397, table, scale)
    before, this = (
        done[year]["electronic"]
        + sum(n for m in whole(year) for c, n in table[m].items() if c.channel != "counter")
        for year in (1396, 1397)
    )
    assert abs(this - 1.65 * before) <= 1


def test_staff(province: Network) -> None:
    rows = staff(province, 1397)
    assert len(rows) == len({row["personnel_number"] for row in rows}) == PEOPLE
    assert sum(row["employment"] == "payroll" for row in rows) == PAYROLL
    heads = [row["office"] for row in rows if row["role"] == "manager"]
    assert sorted(heads) == sorted(set(heads)) == sorted(province.kind_of)
    assert {row["valid_from"] for row in rows} == {"2017-03-21"}
    assert {(row["employment"], KINDS[row["office"]]) for row in rows} == {
        ("payroll", "post_office"),
        ("payroll", "sorting_centre"),
        ("contract", "post_office"),
        ("contract", "sorting_centre"),
        ("agency", "agency"),
        ("counter", "pishkhan"),
        ("counter", "rural_ict"),
    }
