"""What the clocks of a case do while it goes to and fro."""

from typing import Any

import pytest

from tests.services.complaints.clocks.conftest import (
    SETTER,
    ComplaintsDesk,
    wall,
)
from tests.services.complaints.conftest import BARCODE

pytestmark = pytest.mark.anyio

OFFICER = "00000000-0000-7000-8000-000000000001"
OVERDUE = ("reminded", "breached", "escalated")


class TestWorkingTime:
    async def test_counts_the_desks_hours_alone(self, desk: ComplaintsDesk) -> None:
        """A break within the day, the night, Friday, and a holiday (Sunday 21 April 2019)."""
        desk.at("2019-04-08 11:30")
        filed = await desk.file()
        first, whole = await desk.clock(filed, "first_response"), await desk.clock(filed)
        assert wall(first["due_at"]) == "2019-04-08 13:15"  # 30 minutes to noon, 30 from 12:45
        assert (
            wall(whole["due_at"]) == "2019-04-09 13:00"
        )  # 30 + 165 on Monday, 270 + 15 on Tuesday
        desk.at("2019-04-08 12:20")
        first = await desk.clock(filed, "first_response")
        assert (first["elapsed_minutes"], first["remaining_minutes"]) == (30, 30)
        desk.at("2019-04-18 12:00")  # Thursday, until 12:30
        late = await desk.file(category="price")
        assert wall((await desk.clock(late))["due_at"]) == "2019-04-22 09:45"

    async def test_a_changed_calendar_moves_what_runs(self, desk: ComplaintsDesk) -> None:
        filed, done = await desk.file(), await desk.file()
        await desk.answer(done)
        before = await desk.clock(done)
        path = "/v1/complaint-days/2019-04-08"
        closed = {"intervals": ["07:30-09:00"], "reason": "قطع برق"}
        await desk.ask("PUT", path, *SETTER, json=closed)
        first = await desk.clock(filed, "first_response")
        assert wall(first["due_at"]) == "2019-04-08 09:00"
        await desk.ask("PUT", path, *SETTER, json={**closed, "intervals": []})
        first = await desk.clock(filed, "first_response")
        assert wall(first["due_at"]) == "2019-04-09 08:30"
        desk.at("2019-04-08 15:00")
        assert await desk.tick() == 1  # reckoned anew before anything is due: nothing is breached
        assert await desk.told(*OVERDUE) == []
        assert wall((await desk.ask("GET", "/v1/complaint-clocks"))["items"][0]["due_at"]) == (
            "2019-04-09 08:30"
        )
        assert await desk.clock(done) == before
        await desk.ask("DELETE", path, *SETTER, status=204)
        await desk.tick()  # and now it is late: as if it had been so all the time
        assert ("breached", "first_response", 0, "2019-04-08 09:00") in await desk.told(*OVERDUE)

    async def test_a_desk_that_hardly_works_has_nothing_due(self, desk: ComplaintsDesk) -> None:
        """Not within a year: shown as such, and no timer waits for it."""
        hours = {"valid_from": "2019-03-01", "hours": {"sat": ["08:00-08:01"]}, "reason": "آزمون"}
        await desk.ask("POST", "/v1/complaint-hours", *SETTER, status=201, json=hours)
        filed = await desk.file()
        paused = await desk.pause(filed)
        assert [c["due_at"] for c in paused["clocks"]] == [None, None]
        assert (await desk.ask("GET", "/v1/complaint-clocks"))["items"] == []
        desk.at("2020-02-01 12:00")
        assert await desk.tick() == 0
        assert (await desk.clock(filed))["elapsed_minutes"] == 0
        await desk.say(filed)
        await desk.answer(filed)
        assert {c["state"] for c in (await desk.clocks(filed))["clocks"]} == {"met"}


class TestMeasures:
    async def test_the_first_response_is_never_overruled_by_an_update(
        self, desk: ComplaintsDesk
    ) -> None:
        filed = await desk.file()
        first = await desk.clock(filed, "first_response")
        desk.at("2019-04-08 08:40")
        await desk.say(filed)  # asks again before anyone answered: no clock starts anew
        assert [c["measure"] for c in (await desk.clocks(filed))["clocks"]] == [
            "first_response",
            "resolution",
        ]
        assert (await desk.clock(filed, "first_response"))["due_at"] == first["due_at"]
        await desk.pause(filed)  # a question is a response
        met = await desk.clock(filed, "first_response")
        assert (met["state"], met["elapsed_minutes"]) == ("met", 40)
        desk.at("2019-04-08 09:40")
        await desk.say(filed)
        update = await desk.clock(filed, "update")
        assert (update["state"], wall(update["due_at"])) == ("running", "2019-04-08 11:40")
        desk.at("2019-04-09 09:40")
        await desk.answer(filed)
        late = await desk.clock(filed, "update")
        assert (late["state"], wall(late["breached_at"])) == ("late", "2019-04-08 11:40")
        assert await desk.clock(filed, "first_response") == met
        assert ("breached", "update", 0, "2019-04-08 11:40") in await desk.told("breached")

    async def test_a_contested_answer_goes_on_where_it_was(self, desk: ComplaintsDesk) -> None:
        filed = await desk.file()
        desk.at("2019-04-08 10:00")
        await desk.answer(filed)
        met = await desk.clock(filed)
        assert (met["state"], met["elapsed_minutes"]) == ("met", 120)
        desk.at("2019-04-10 10:00")
        await desk.say(filed)  # not content with it
        again = await desk.clock(filed)
        assert (again["state"], again["elapsed_minutes"]) == ("running", 120)
        assert wall(again["due_at"]) == "2019-04-11 08:45"  # 360 left: 120, 165, then Thursday
        (pause,) = (await desk.clocks(filed))["pauses"]
        assert (pause["reason"], pause["capped"], pause["ended_by"]) == (
            "answered",
            False,
            "complainant",
        )
        assert wall((await desk.clock(filed, "update"))["due_at"]) == "2019-04-10 12:00"
        desk.at("2019-04-10 10:30")
        await desk.answer(filed)
        await desk.close(filed)
        found = await desk.clocks(filed)
        assert {(c["measure"], c["state"]) for c in found["clocks"]} == {
            ("first_response", "late"),
            ("update", "met"),
            ("resolution", "met"),
        }
        desk.at("2019-04-20 10:00")
        assert await desk.tick() == 0
        kinds = [(s["kind"], s["measure"]) for s in found["steps"]]
        assert kinds.count(("stopped", "resolution")) == 2
        assert kinds.count(("continued", "resolution")) == 1

    async def test_who_is_joined_waits_too_and_is_not_waited_for(
        self, desk: ComplaintsDesk
    ) -> None:
        """A second complaint about a parcel has no clocks: an update of the case is due."""
        parcel = {"kind": "parcel", "barcode": BARCODE}
        filed = await desk.file(about=parcel)
        desk.at("2019-04-08 08:30")
        await desk.pause(filed)
        joined = await desk.file(about=parcel)
        assert (joined["number"], joined["joined"]) == (filed["number"], True)
        found = await desk.clocks(filed)
        assert (found["paused"], len(found["clocks"])) == (True, 3)
        assert wall((await desk.clock(filed, "update"))["started_at"]) == "2019-04-08 08:30"
        await desk.say(joined)
        assert not (await desk.clocks(filed))["paused"]  # one of them wrote what we waited for
        await desk.answer(filed)
        desk.at("2019-04-08 09:30")
        await desk.file(about=parcel)
        assert (await desk.clock(filed))["state"] == "running"  # the answer was not for this one
        assert (await desk.clock(filed, "update", nth=2))["state"] == "running"

    async def test_severity_and_reopening_have_targets_of_their_own(
        self, desk: ComplaintsDesk
    ) -> None:
        filed = await desk.file()
        desk.at("2019-04-08 08:20")
        await desk.assess(filed, "critical")
        found = await desk.clocks(filed)
        assert found["severity"] == "critical"
        assert [wall(c["due_at"]) for c in found["clocks"]] == [
            "2019-04-08 08:30",
            "2019-04-08 10:00",
        ]
        retargeted = [s for s in found["steps"] if s["kind"] == "retargeted"]
        assert [(s["measure"], s["minutes"], s["account"]) for s in retargeted] == [
            ("first_response", 30, OFFICER),
            ("resolution", 120, OFFICER),
        ]
        desk.at("2019-04-08 10:30")  # late for these targets; milder ones undo nothing
        await desk.tick()
        await desk.assess(filed, "low")
        assert (await desk.clock(filed))["state"] == "breached"
        await desk.answer(filed)
        await desk.close(filed)
        desk.at("2019-04-15 08:00")
        await desk.reopen(filed)
        assert wall((await desk.clock(filed, nth=2))["due_at"]) == "2019-04-16 08:45"
        assert (await desk.clock(filed))["state"] == "late"
        first = await desk.clock(filed, "first_response")
        assert first["state"] == "late"  # the only one: reopening starts none


class TestOverdue:
    async def test_reminds_breaches_and_escalates_level_by_level(
        self, desk: ComplaintsDesk
    ) -> None:
        """All dated by when it was due, though the worker comes days later."""
        filed = await desk.file()
        desk.at("2019-04-08 08:50")
        await desk.tick()
        assert await desk.told(*OVERDUE) == [("reminded", "first_response", 0, "2019-04-08 08:45")]
        desk.at("2019-04-14 10:00")
        await desk.tick()
        await desk.tick()
        wanted = [
            ("reminded", "first_response", 0, "2019-04-08 08:45"),
            ("breached", "first_response", 0, "2019-04-08 09:00"),
            ("escalated", "first_response", 1, "2019-04-08 09:00"),
            ("breached", "first_response", 1, "2019-04-08 09:30"),
            ("reminded", "resolution", 0, "2019-04-09 07:45"),
            ("breached", "resolution", 0, "2019-04-09 08:45"),
            ("escalated", "resolution", 1, "2019-04-09 08:45"),
            ("breached", "resolution", 1, "2019-04-09 13:30"),
            ("escalated", "resolution", 2, "2019-04-09 13:30"),
            ("breached", "resolution", 2, "2019-04-09 14:30"),
        ]
        assert await desk.told(*OVERDUE) == wanted
        found = await desk.clocks(filed)
        assert found["level"] == 2
        step = next(s for s in found["steps"] if s["kind"] == "breached")
        assert (wall(step["at"]), wall(step["recorded_at"])) == (
            "2019-04-08 09:00",
            "2019-04-14 10:00",
        )
        late = await desk.clock(filed, "first_response")
        assert (late["state"], late["remaining_minutes"]) == (
            "breached",
            60 - late["elapsed_minutes"],
        )
        await desk.answer(filed)
        assert {c["state"] for c in (await desk.clocks(filed))["clocks"]} == {"late"}
        assert await desk.told(*OVERDUE) == wanted

    async def test_who_answers_at_the_due_time_is_in_time(self, desk: ComplaintsDesk) -> None:
        filed, late = await desk.file(), await desk.file()
        desk.at("2019-04-08 09:00")
        await desk.tick()
        await desk.answer(filed)
        assert (await desk.clock(filed, "first_response"))["state"] == "met"
        desk.api.clock.at = desk.api.clock.at.replace(microsecond=1)
        await desk.answer(late)  # no timer came by: the answer itself shows the breach
        assert (await desk.clock(late, "first_response"))["state"] == "late"
        assert await desk.told("breached") == [
            ("breached", "first_response", 0, "2019-04-08 09:00")
        ]

    async def test_a_breach_stays_whatever_is_told_later(self, desk: ComplaintsDesk) -> None:
        filed = await desk.file()
        desk.at("2019-04-08 09:30")
        await desk.tick()
        await desk.answer(filed, occurred_at="2019-04-08T08:30:00+04:30")  # "it was earlier"
        clock = await desk.clock(filed, "first_response")
        assert (clock["state"], clock["elapsed_minutes"]) == ("late", 30)
        assert wall(clock["breached_at"]) == "2019-04-08 09:00"

    async def test_staff_may_escalate_before_the_time(self, desk: ComplaintsDesk) -> None:
        filed = await desk.file()
        path = f"/v1/complaints/{filed['number']}/escalations"
        body = {"reason": "بیمار است و دارو می‌خواهد"}
        key = {"Idempotency-Key": "once"}
        for _ in range(2):
            found = await desk.ask("POST", path, status=201, json=body, headers=key)
            assert found["level"] == 1
        assert wall((await desk.clock(filed, level=1))["due_at"]) == "2019-04-08 12:00"
        desk.at("2019-04-09 09:00")
        await desk.tick()  # the lower clock runs out later: the level above is not started twice
        assert [s for s in await desk.told("escalated") if s[1] == "resolution"] == [
            ("escalated", "resolution", 1, "2019-04-08 08:00"),
            ("escalated", "resolution", 2, "2019-04-08 12:00"),
        ]
        assert (await desk.ask("POST", path, status=409, json=body))["code"] == "top_level"
        await desk.answer(filed)
        assert (await desk.ask("POST", path, status=409, json=body))["code"] == "clock_stands"
        by_hand = [s for s in (await desk.clocks(filed))["steps"] if s["reason"] is not None]
        assert [(s["kind"], s["account"], s["reason"]) for s in by_hand] == [
            ("escalated", OFFICER, body["reason"])
        ]
        assert body["reason"] not in str(await desk.api.events())  # words may name people


class TestPauses:
    async def test_only_while_we_wait_for_the_complainant(self, desk: ComplaintsDesk) -> None:
        filed = await desk.file()
        desk.at("2019-04-08 08:30")
        paused = await desk.pause(filed)
        assert (paused["paused"], paused["pause_left_minutes"]) == (True, 50)
        seen: Any = await desk.ask(
            "GET",
            f"/v1/complaints/{filed['number']}",
            headers={"Susa-Case-Secret": filed["secret"]},
        )
        assert seen["messages"][-1]["text"] == "نشانی درست چیست؟"
        assert (await desk.pause(filed, status=409))["code"] == "already_paused"
        desk.at("2019-04-08 09:10")
        assert (await desk.clock(filed))["elapsed_minutes"] == 30
        await desk.say(filed)
        clock, found = await desk.clock(filed), await desk.clocks(filed)
        assert (clock["state"], clock["elapsed_minutes"]) == ("running", 30)
        assert wall(clock["due_at"]) == "2019-04-09 09:25"  # forty minutes later
        (pause,) = found["pauses"]
        assert (pause["ended_by"], found["pause_left_minutes"]) == ("complainant", 110)
        assert (await desk.resume(filed, status=409))["code"] == "not_paused"
        await desk.pause(filed)
        await desk.resume(filed)
        await desk.answer(filed)
        assert (await desk.pause(filed, status=409))["code"] == "clock_stands"
        await desk.close(filed)
        assert (await desk.pause(filed, status=409))["code"] == "case_closed"
        events = await desk.api.events("clock.paused", "clock.resumed")
        assert [(e["data"]["pause"]["nth"], e["data"]["pause"]["ended_by"]) for e in events] == [
            (1, None),
            (1, "complainant"),
            (2, None),
            (2, "staff"),
        ]

    async def test_end_at_their_caps_and_are_used_up(self, desk: ComplaintsDesk) -> None:
        filed = await desk.file()
        await desk.pause(filed)  # 100 minutes at most: until 09:40
        desk.at("2019-04-08 11:00")
        assert (await desk.clock(filed))["elapsed_minutes"] == 80
        await desk.tick()
        (pause,) = (await desk.clocks(filed))["pauses"]
        assert (pause["ended_by"], wall(pause["until"])) == ("cap", "2019-04-08 09:40")
        await desk.pause(filed)  # 50 are left of 150: until 11:50
        desk.at("2019-04-08 13:00")
        assert (await desk.pause(filed, status=409))["code"] == "pauses_used_up"
        found = await desk.clocks(filed)  # refused: nothing of it happened
        assert [p["until"] for p in found["pauses"]] == [pause["until"], None]
        await desk.answer(filed)
        found = await desk.clocks(filed)
        assert [wall(p["until"]) for p in found["pauses"]] == [
            "2019-04-08 09:40",
            "2019-04-08 11:50",
        ]
        assert (await desk.clock(filed))["elapsed_minutes"] == 255 - 150
        events = await desk.api.events("clock.resumed")
        assert [(e["data"]["pause"]["ended_by"], wall(e["time"])) for e in events] == [
            ("cap", "2019-04-08 09:40"),
            ("cap", "2019-04-08 11:50"),
        ]
