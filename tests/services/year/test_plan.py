import ast
from collections import Counter
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from random import Random

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.year.days import OPENS, TEHRAN, Month, at, closes, is_working, rfc3339
from services.year.network import Network, network
from services.year.plan import Item, Plan, dealt
from services.year.tasks import tasks_of
from tests.services.year.sample import OFFICES, TOWNS

MONTHS = st.builds(Month, st.sampled_from([1396, 1397]), st.integers(1, 12))

# What may follow what, at which office: "same" as the last scan's, or "other" after a departure.
NEXT = {
    "acceptance": {"departure", "out_for_delivery"},
    "departure": {"arrival"},
    "arrival": {"departure", "out_for_delivery", "returned"},
    "out_for_delivery": {"delivered", "delivery_failed"},
    "delivery_failed": {"out_for_delivery", "held_at_counter"},
    "held_at_counter": {"delivered", "return_started"},
    "return_started": {"departure"},
    "delivered": set(),
    "returned": set(),
}


def all_items(plan: Plan, first: Month, last: Month) -> list[Item]:
    return [item for month in plan.months(first, last) for item in plan.items(month)]


@pytest.fixture(scope="module")
def items(province: Network) -> list[Item]:
    return all_items(Plan(province, 7, 20_000, 1397), Month(1396, 1), Month(1398, 6))


class TestPlan:
    @settings(max_examples=20, deadline=None)
    @given(scale=st.integers(10_000, 500_000), seed=st.integers(0, 1000), month=MONTHS)
    def test_every_month_has_its_exact_counts(
        self, province: Network, scale: int, seed: int, month: Month
    ) -> None:
        plan = Plan(province, seed, scale, 1397)
        drawn = Counter(item.cell for item in plan.items(month))
        assert drawn == Counter(plan.counts[month])

    def test_same_seed_same_plan_and_another_differs(self, province: Network) -> None:
        month = Month(1397, 2)
        plan = Plan(province, 1, 20_000, 1397)
        again = Plan(network(reversed(TOWNS), reversed(OFFICES)), 1, 20_000, 1397)
        assert plan.items(month) == again.items(month) == plan.items(month)
        assert plan.items(month) != Plan(province, 2, 20_000, 1397).items(month)

    def test_a_month_does_not_depend_on_the_range(self, province: Network) -> None:
        plan = Plan(province, 1, 20_000, 1397)
        part = all_items(plan, Month(1397, 3), Month(1397, 3))
        assert part == plan.items(Month(1397, 3))
        assert part[0].number == 1 + sum(
            sum(plan.counts[month].values()) for month in plan.counts if month < Month(1397, 3)
        )

    def test_tasks_of_the_year_are_those_of_its_scans(
        self, items: list[Item], province: Network
    ) -> None:
        start, end = Month(1397, 1).starts_at(), Month(1398, 1).starts_at()
        scans = [scan for item in items for scan in item.scans if start <= scan.at < end]
        tasks = Plan(province, 7, 20_000, 1397).tasks(1397)
        assert tasks == tasks_of(scans, province)
        assert tasks["sorting", True] == 0
        assert tasks["transport", True] == sum(
            scan.event == "departure" and province.is_outside(scan.office) for scan in scans
        )
        assert tasks["delivery", False] + tasks["delivery", True] == sum(
            scan.event in {"delivered", "returned"} for scan in scans
        )

    @pytest.mark.parametrize(("first", "last"), [("1395-12", "1396-01"), ("1397-02", "1397-01")])
    def test_months_outside_are_refused(self, province: Network, first: str, last: str) -> None:
        with pytest.raises(ValueError, match="months from 1396-01 to 1398-06"):
            Plan(province, 1, 20_000, 1397).months(Month.parse(first), Month.parse(last))


class TestItems:
    def test_references_run_through_in_time_order(self, items: list[Item]) -> None:
        assert [item.reference for item in items] == [f"Y-7-{n}" for n in range(1, len(items) + 1)]
        assert [item.booked_at for item in items] == sorted(item.booked_at for item in items)

    def test_booked_and_accepted_in_business_hours_of_the_same_day(self, items: list[Item]) -> None:
        for item in items:
            moment = datetime.fromtimestamp(item.booked_at, TEHRAN)
            day = moment.date()
            assert is_working(day)
            assert at(day, OPENS) <= item.booked_at < item.scans[0].at < at(day, closes(day))
            assert item.booking["occurred_at"] == rfc3339(item.booked_at)

    def test_recipients_are_visited_in_business_hours(self, items: list[Item]) -> None:
        for item in items:
            for scan in item.scans:
                moment = datetime.fromtimestamp(scan.at, TEHRAN)
                assert 4 <= moment.hour < 23
                if scan.event in {"delivered", "delivery_failed", "out_for_delivery", "returned"}:
                    assert is_working(moment.date())
                    assert 8 <= moment.hour < 17

    def test_scans_are_legal_and_in_time_order(self, items: list[Item]) -> None:
        for item in items:
            scans = item.scans
            assert (scans[0].event, scans[0].office) == (
                "acceptance",
                item.booking["origin_office"],
            )
            for before, after in pairwise(scans):
                assert before.at < after.at, item
                assert after.event in NEXT[before.event], item
                assert (before.office != after.office) == (before.event == "departure"), item

    def test_ends(self, items: list[Item], province: Network) -> None:
        """Within the province delivered or returned; beyond it handed over by a sorting centre."""
        for item in items:
            last = item.scans[-1]
            if item.booking["recipient"]["province"] == "khuzestan":
                assert last.event in {"delivered", "returned"}
            else:
                assert last.event == "departure"
                assert last.office in set(province.centre_of.values())

    def test_every_outcome_and_distance_occurs(self, items: list[Item]) -> None:
        ends = Counter(tuple(scan.event for scan in item.scans[-2:]) for item in items)
        assert ends["out_for_delivery", "delivered"] > 0
        assert ends["held_at_counter", "delivered"] > 0
        assert ends["arrival", "returned"] > 0
        tries = Counter(sum(s.event == "delivery_failed" for s in item.scans) for item in items)
        assert tries[0] > tries[1] > tries[2] > 0
        away = sum(item.booking["recipient"]["province"] != "khuzestan" for item in items)
        assert 0.35 < away / len(items) < 0.45

    def test_four_in_five_are_accepted_and_delivered_outside_the_state_part(
        self, province: Network
    ) -> None:
        """Exactly, in every month; what vijeh adds to deliveries is as it was accepted."""
        plan = Plan(province, 7, 20_000, 1397)
        for month in plan.months(Month(1396, 1), Month(1398, 6)):
            items = plan.items(month)
            delivering = [
                next(scan.office for scan in item.scans if scan.event == "out_for_delivery")
                for item in items
                if item.cell.product != "vijeh"
                and item.booking["recipient"]["province"] == "khuzestan"
            ]
            for offices in ([item.scans[0].office for item in items], delivering):
                outside = sum(province.is_outside(office) for office in offices)
                assert abs(outside - 0.8 * len(offices)) < 1

    def test_vijeh_is_delivered_within_three_hours(self, items: list[Item]) -> None:
        vijeh = [item for item in items if item.cell.product == "vijeh"]
        assert vijeh
        assert all(item.scans[-1].at - item.scans[0].at < 3 * 3600 for item in vijeh)

    def test_people_are_well_formed(self, items: list[Item]) -> None:
        for item in items:
            for party in (item.booking["sender"], item.booking["recipient"]):
                number = phonenumbers.parse(party["phone"], "IR")
                assert phonenumbers.is_valid_number(number)
                assert len(party["postal_code"]) == 10
                assert not set(party["postal_code"][:5]) & {"0", "2"}

    def test_event_ids_are_one_each_and_stay(self, items: list[Item], province: Network) -> None:
        ids = [item.event_id(i) for item in items for i in range(len(item.scans))]
        assert len(set(ids)) == len(ids)
        again = Plan(province, 7, 20_000, 1397).items(Month(1396, 1))
        assert [item.event_id(0) for item in again] == [
            item.event_id(0) for item in items[: len(again)]
        ]


@given(st.integers(0, 500), st.lists(st.integers(1, 100), min_size=1, max_size=10))
def test_dealt_gives_exact_shares(count: int, weights: list[int]) -> None:
    hand = Counter(dealt(Random(1), count, range(len(weights)), weights))
    assert hand.total() == count
    for choice, weight in enumerate(weights):
        assert abs(hand[choice] - count * weight / sum(weights)) < 1


def test_without_offices_there_is_no_plan() -> None:
    with pytest.raises(ValueError, match="run `susa seed`"):
        network(TOWNS, [])


def test_the_year_imports_no_service() -> None:
    """It is a client of the API: only itself and shared."""
    for source in Path("services/year").glob("*.py"):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                assert not name.startswith("services.") or name.startswith("services.year"), source
