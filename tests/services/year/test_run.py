"""The whole run over a real socket against the wire shapes, with answers lost on the way."""

import json
from collections import Counter
from dataclasses import asdict, replace
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest
from rich.console import Console

from services.year import table
from services.year.client import Retry
from services.year.errors import ApiError, Refused, Unreachable
from services.year.figures import counts
from services.year.run import Credentials, Options, Summary, run
from tests.services.year.api_server import Api, serving
from tests.services.year.till import PARTNERS, Till

pytestmark = pytest.mark.anyio

KEYS: Credentials = {
    "shops": ["shop-a", "shop-b"],
    "clerks": ["c-1", "c-2"],
    "manager": "boss",
    "registrar": "registrar",
    "cashier": "cashier",
    "bank": "bank",
    "officer": "officer",
    "decider": "decider",
    "surveyor": "surveyor",
}
AT_ONCE = Retry(attempts=4, first_seconds=0, longest_seconds=0)
# 1:50,000 is 700 items in the year.
ALL = Options(scale=50_000, quiet=True, wait_seconds=5, retry=AT_ONCE)
MONTHS = replace(ALL, first="1396-11", last="1397-02", wait_seconds=0)


async def sent(api: Api, options: Options) -> Summary:
    async with serving(api) as url:
        return await run(url, KEYS, options)


def world(api: Api) -> tuple[Any, ...]:
    """All that was effected, apart from the order in which it came."""
    scans = Counter(
        (api.parcels[code]["reference"], scan["event_id"], scan["event"], scan["occurred_at"])
        for code, scans in api.scans.items()
        for scan in scans
    )
    paid = Counter[str]()
    for order in api.till.orders.values():
        paid[order["partner"]] += order["amount_rials"]
    return sorted(api.references), scans, api.people, api.performed, paid, api.till.owed()


class TestRun:
    async def test_the_report_agrees_with_the_notice(self) -> None:
        api = Api()
        summary = await sent(api, ALL)
        assert summary.caught_up
        assert [row.name for row in summary.rows if not row.agrees] == ["within promise"]
        assert len(summary.rows) == 18
        expected = [sum(cells.values()) for cells in counts(1397, 50_000).values()]
        assert summary.tally.parcels_booked == len(api.parcels) == sum(expected)
        assert summary.tally.scans_recorded == sum(map(len, api.scans.values()))
        assert summary.registered.people == len(api.people) == 2400
        done = sum(record["count"] for record in api.performed.values())
        assert summary.registered.services_recorded == done
        assert summary.registered.services_flagged == 0
        self._opinions(api, summary)

    def _opinions(self, api: Api, summary: Summary) -> None:
        rows = {row.name: row for row in summary.rows if row.interval is not None}
        now, before = rows["satisfaction"], rows["satisfaction the year before"]
        assert (now.published, before.published) == (95, 80)
        assert now.agrees
        assert before.agrees
        assert now.interval is not None
        assert now.interval[0] < 95 < now.interval[1]
        answers = api.polls.answers.values()
        assert summary.opinions == len(answers)
        asked = len(api.polls.invitations(api.scans))
        assert 0.3 < len(answers) / asked < 0.5
        assert all(answer["words"] is None for answer in answers if answer["score"] > 3)
        console = Console(width=120)
        with console.capture() as shown:
            summary.show(console)
        assert f"[{now.interval[0]:.1f}–{now.interval[1]:.1f}]" in shown.get()

    async def test_cash_is_paid_out_to_the_last_rial(self) -> None:
        api = Api(till=Till(late=7))
        summary = await sent(api, ALL)
        delivered = sum(
            api.parcels[code]["cod_rials"]
            for code, scans in api.scans.items()
            if any(scan["event"] == "delivered" for scan in scans)
        )
        assert delivered > 0
        assert asdict(summary.settled) == {"delivered": delivered, "paid": delivered, "owed": 0}
        assert {order["status"] for order in api.till.orders.values()} == {"paid"}
        claims = api.till.claims.values()
        assert sum(claim["amount_rials"] for claim in claims) == 900_000_000 // 50_000
        assert asdict(summary.compensated) == {"claimed": 18_000, "paid": 18_000, "ledger": 18_000}
        assert set(api.till.payees) == set(PARTNERS.values())
        assert len(api.till.closed) > 1

    async def test_cash_that_is_not_all_there_does_not_agree(self) -> None:
        """More came in at every count: what cannot be counted stays where it is."""
        summary = await sent(Api(till=Till(late=10_000)), MONTHS)
        row = {row.name: row for row in summary.rows}["cash on delivery, paid out"]
        assert row.agrees is False
        assert summary.settled.owed == summary.settled.delivered > 0

    async def test_compensation_that_the_ledger_has_not_does_not_agree(self) -> None:
        summary = await sent(Api(till=Till(astray_rials=1)), replace(ALL, scale=100_000))
        row = {row.name: row for row in summary.rows}["compensation paid"]
        assert (row.name, row.published, row.reported) == ("compensation paid", 9e8, 9e8)
        assert row.agrees is False

    async def test_promises_and_the_tariff(self) -> None:
        rows = {row.name: row for row in (await sent(Api(), MONTHS)).rows}
        assert rows["within promise"].reported == 91.5
        assert rows["within promise"].difference is None
        for day, agrees in (("2019-01-01", False), ("2020-03-19", False), ("2020-03-20", True)):
            rows = {row.name: row for row in (await sent(Api(dearer_from=day), MONTHS)).rows}
            assert rows["tariff over 3 years"].agrees is agrees

    async def test_speed_and_lag_are_told(self) -> None:
        async def behind() -> dict[str, int]:
            return {"parcels.cod": 7, "parcels.statistics": 3}

        async with serving(Api()) as url:
            summary = await run(url, KEYS, MONTHS, behind)
        assert summary.worst_lag == summary.lag_at_end == (7, "parcels.cod")
        hours = json.loads(summary.as_json())["full_year_hours"]
        assert hours == summary.full_year_hours
        assert hours > 0
        console = Console(width=1000)
        with console.capture() as shown:
            summary.show(console)
        assert "at most 7 events behind (parcels.cod)" in shown.get()
        assert f"would take {hours:.1f} h at this rate" in shown.get()

    async def test_callers_and_sizes(self) -> None:
        api = Api()
        await sent(api, ALL)
        by_channel = Counter(
            (caller[0], api.parcels[code]["channel"] == "ecommerce")
            for (caller, _), code in api.references.items()
        )
        assert set(by_channel) == {("s", True), ("c", False)}
        assert {caller for caller, _ in api.references} == {"shop-a", "shop-b", "c-1", "c-2"}
        assert {who for path, who, _ in api.requests if path == "POST /v1/scans"} <= {"c-1", "c-2"}

    async def test_scans_of_an_item_arrive_in_order(self) -> None:
        api = Api()
        await sent(api, MONTHS)
        for scans in api.scans.values():
            times = [scan["occurred_at"] for scan in scans]
            assert times == sorted(times)
            assert scans[0]["event"] == "acceptance"

    async def test_clock_follows_the_months_and_goes_back(self) -> None:
        api = Api()
        await sent(api, MONTHS)
        *backfill, last = api.clocks
        assert last == {"mode": "wall"}
        assert {clock["mode"] for clock in backfill} == {"backfill"}
        marks = [datetime.fromisoformat(clock["at"]) for clock in backfill]
        assert all(before <= after for before, after in pairwise(marks))
        assert len(marks) == 8
        sent_times = [s["occurred_at"] for scans in api.scans.values() for s in scans]
        assert max(datetime.fromisoformat(t) for t in sent_times) < marks[-1]

    async def test_summary_prints_and_dumps_without_keys(self) -> None:
        summary = await sent(Api(), ALL)
        told = json.loads(summary.as_json())
        assert told["rows"][0]["published"] == 35_000_000
        assert told["rows"][0]["difference"] == 0
        console = Console(width=1000)
        with console.capture() as shown:
            summary.show(console)
        assert "35,000,000" in shown.get()
        assert "2,400 people were entered" in shown.get()
        assert "Done outside the state part: acceptance 80." in shown.get()
        assert "The year is 1397" in shown.get()
        assert "boss" not in shown.get() + summary.as_json()

    async def test_roll_ups_that_lag_are_told(self) -> None:
        summary = await sent(Api(lag=True), MONTHS)
        assert not summary.caught_up
        console = Console(width=120)
        with console.capture() as shown:
            summary.show(console)
        assert "had not caught up" in shown.get()

    async def test_a_late_part_is_asked_for_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(table, "POLL_SECONDS", 0)
        assert len((await sent(Api(unwell=2), MONTHS)).rows) == 18
        with pytest.raises(ApiError, match="not whole: missing offices"):
            await sent(Api(unwell=100), MONTHS)

    async def test_part_of_the_range_does_not_pretend_to_agree(self) -> None:
        summary = await sent(Api(), MONTHS)
        assert summary.caught_up
        unscaled = {"people", "people on the payroll", "people outside the state part"}
        agree = {row.name for row in summary.rows if row.agrees}
        others = {"delegated services", "tasks outside the state part", "tariff over 3 years"}
        told = {"cash on delivery, paid out", "satisfaction", "satisfaction the year before"}
        assert agree == unscaled | others | told


class TestFaults:
    async def test_lost_answers_are_asked_again_under_the_same_keys(self) -> None:
        clean, faulty = Api(), Api(faults=["ok", "drop", "drop", "503", "409", "ok", "drop"] * 3)
        await sent(clean, MONTHS)
        patient = Retry(attempts=30, first_seconds=0, longest_seconds=0)
        summary = await sent(faulty, replace(MONTHS, retry=patient))
        assert world(faulty) == world(clean)
        assert summary.retries >= 9
        keys = Counter(request for request in faulty.requests if "batch" in request[0])
        assert max(keys.values()) > 1
        assert set(keys) == {request for request in clean.requests if "batch" in request[0]}

    async def test_it_gives_up_loudly_and_goes_on_where_it_stopped(self) -> None:
        clean = Api()
        await sent(clean, MONTHS)
        api = Api(faults=["ok"] * 15 + ["503"] * 4)
        with pytest.raises(Unreachable, match="503"):
            await sent(api, MONTHS)
        assert world(api) != world(clean)
        summary = await sent(api, MONTHS)
        assert world(api) == world(clean)
        assert summary.tally.months_passed_over >= 1
        assert summary.tally.parcels_booked < len(clean.parcels)

    @pytest.mark.parametrize("keep_keys", [True, False])
    @pytest.mark.parametrize("writes", [1, 2, 4, 5, 6, 8, 9, 11, 17, 23, 29])
    async def test_stopped_anywhere_it_resumes_even_when_keys_have_expired(
        self, writes: int, *, keep_keys: bool
    ) -> None:
        clean = Api()
        await sent(clean, MONTHS)
        api = Api(faults=["ok"] * writes + ["drop"] + ["503"] * 40)
        with pytest.raises(Unreachable):
            await sent(api, MONTHS)
        api.faults.clear()
        api.keep_keys = keep_keys
        await sent(api, MONTHS)
        assert world(api) == world(clean)

    async def test_a_second_run_has_no_effect(self) -> None:
        api = Api()
        first = await sent(api, MONTHS)
        before, posts, said = world(api), api.posts, dict(api.polls.answers)
        second = await sent(api, MONTHS)
        assert api.polls.answers == said
        assert world(api) == before
        assert api.posts["POST /v1/parcels/batch"] == posts["POST /v1/parcels/batch"]
        assert api.posts["POST /v1/scans"] == posts["POST /v1/scans"]
        assert second.tally.months_passed_over == 4
        assert second.rows == first.rows
        assert api.clocks[-1] == {"mode": "wall"}

    async def test_a_longer_range_goes_on_from_a_shorter_one(self) -> None:
        clean, api = Api(), Api()
        await sent(clean, MONTHS)
        await sent(api, replace(MONTHS, last="1396-12"))
        summary = await sent(api, MONTHS)
        assert summary.tally.months_passed_over == 2
        assert world(api) == world(clean)

    async def test_another_plan_under_the_same_seed_is_refused(self) -> None:
        api = Api()
        await sent(api, MONTHS)
        before = world(api)
        with pytest.raises(Refused, match="another seed"):
            await sent(api, replace(MONTHS, scale=40_000))
        assert world(api) == before

    async def test_a_refused_parcel_stops_the_run(self) -> None:
        first = Api()
        await sent(first, MONTHS)
        reference = sorted(reference for _, reference in first.references)[10]
        api = Api(refuse=reference)
        with pytest.raises(Refused, match=f"1 parcels refused, {reference}"):
            await sent(api, MONTHS)
        assert api.clocks[-1] == {"mode": "wall"}
        api.refuse = ""
        await sent(api, MONTHS)  # mended, it goes on: the rest of that batch is not booked again
        assert world(api) == world(first)

    async def test_a_malformed_scan_stops_the_run(self) -> None:
        with pytest.raises(Refused, match="malformed"):
            await sent(Api(malform=True), MONTHS)
