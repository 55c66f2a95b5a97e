"""Cases that go to and fro at random for months, recounted minute by minute from their record."""

import os
import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, Final

import pytest

from services.complaints.clocks.keeping import Keeper
from shared.calendar import TEHRAN
from shared.openings import library
from tests.services.complaints.clocks.conftest import (
    MONDAY,
    SETTER,
    TARGETS,
    ComplaintsDesk,
    tehran,
)

pytestmark = [pytest.mark.anyio, pytest.mark.soak]

WALKS: Final = 40 if os.environ.get("SUSA_SOAK") == "1" else 1
STEPS: Final = 25
MINUTE: Final = timedelta(minutes=1)
BEGIN: Final = tehran(MONDAY)
MINUTES: Final = 420 * 24 * 60
OVERRIDES: Final = {
    date(2019, 4, 10): ["08:00-09:00", "09:30-10:00", "20:00-23:55"],
    date(2019, 4, 16): [],
    date(2019, 4, 21): ["10:00-12:00"],  # a holiday
    date(2019, 6, 5): ["07:30-12:30"],  # another
}
USUAL: Final = ["07:30-12:00", "12:45-15:30"]
WEEK: Final = {3: ["07:30-12:30"], 4: [], **dict.fromkeys((0, 1, 2, 5, 6), USUAL)}


@cache
def works() -> bytes:
    """Each minute from BEGIN on: 1 where the desk works; its hours end on minutes like 45."""
    found = bytearray(MINUTES)
    for minute in range(0, MINUTES, 5):
        wall = (BEGIN + minute * MINUTE).astimezone(TEHRAN)
        day = wall.date()
        usual = [] if day in library(day.year) else WEEK[day.weekday()]
        clock = f"{wall.hour:02d}:{wall.minute:02d}"
        if any(i[:5] <= clock < i[6:] for i in OVERRIDES.get(day, usual)):
            found[minute : minute + 5] = b"\1" * 5
    return bytes(found)


def minute_of(instant: str | datetime) -> int:
    at = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    whole, rest = divmod(at - BEGIN, MINUTE)
    assert rest == timedelta()
    return whole


class Recount:
    """From a case's record alone: its pauses, and where its clocks began and stopped."""

    def __init__(self, record: dict[str, Any], now: int) -> None:
        self.record = record
        self.now = now
        self.away = {
            minute
            for pause in record["pauses"]
            for minute in range(minute_of(pause["since"]), self._end(pause))
        }

    def _end(self, pause: dict[str, Any]) -> int:
        return self.now if pause["until"] is None else minute_of(pause["until"])

    def pauses(self) -> list[int]:
        """The working time of those that are capped."""
        return [
            sum(works()[minute_of(pause["since"]) : self._end(pause)])
            for pause in self.record["pauses"]
            if pause["capped"]
        ]

    def clock(self, clock: dict[str, Any]) -> tuple[int, int | None]:
        """Working minutes until it stopped or now, and the minute in which its target was over."""
        stopped = clock["stopped_at"]
        end = self.now if stopped is None else minute_of(stopped)
        count, over = 0, None
        for minute in range(minute_of(clock["started_at"]), end):
            if works()[minute] and minute not in self.away:
                count += 1
                if count == clock["target_minutes"]:
                    over = minute + 1
        return count, over


async def act(
    desk: ComplaintsDesk, filed: dict[str, Any], chance: random.Random, *, assesses: bool
) -> None:
    """Something that somebody does; most of it is refused where it does not fit."""
    path = f"/v1/complaints/{filed['number']}"
    question = {"reason": "document_requested", "question": "رسید را بفرستید"}
    words = {"text": "…"}
    secret = {"Susa-Case-Secret": filed["secret"]}
    severity = {"severity": chance.choice(("low", "high", "critical"))}
    assessed: list[tuple[str, Any, dict[str, str]]] = (
        [("assessment", severity, {})] if assesses else []
    )
    sent: tuple[str, Any, dict[str, str]] = chance.choice(
        [
            ("pauses", question, {}),
            ("pauses", question, {}),
            ("pauses/end", None, {}),
            ("messages", words, secret),
            ("messages", words, secret),
            ("answers", words, {}),
            ("contest", words, secret),
            ("reopen", words, secret),
            ("close", None, {}),
            ("escalations", {"reason": "دیر شد"}, {}),
            *assessed,
        ]
    )
    answer = await desk.send("POST", f"{path}/{sent[0]}", json=sent[1], headers=sent[2])
    assert answer.status_code in {200, 201, 409}, answer.text


@pytest.mark.parametrize("seed", range(2, 2 + WALKS))
async def test_the_record_recounted_minute_by_minute(desk: ComplaintsDesk, seed: int) -> None:
    chance = random.Random(seed)
    for day, intervals in OVERRIDES.items():
        body = {"intervals": intervals, "reason": "آزمون"}
        await desk.ask("PUT", f"/v1/complaint-days/{day}", *SETTER, json=body)
    filed = await desk.file()
    keepers = [Keeper(), Keeper()]
    first: dict[str, Any] | None = None
    for _ in range(STEPS):
        desk.api.clock.at += chance.choice((3, 20, 75, 230, 1_300, 4_000)) * MINUTE
        if chance.random() < 0.6:
            await desk.tick(chance.choice(keepers))
        await act(desk, filed, chance, assesses=bool(seed % 2))
        now = await desk.clock(filed, "first_response")
        assert first is None or now == first  # once it stopped, nothing changes it
        first = now if now["stopped_at"] is not None else None
    await desk.tick()
    now_at = desk.api.clock.at.astimezone(UTC)
    record = await desk.clocks(filed)
    recount = Recount(record, minute_of(now_at))
    taken = recount.pauses()
    assert max(taken, default=0) <= TARGETS["pause_max_minutes"]
    assert sum(taken) <= TARGETS["pauses_total_max_minutes"]
    for clock in record["clocks"]:
        count, over = recount.clock(clock)
        assert clock["elapsed_minutes"] == count, clock
        assert clock["remaining_minutes"] == clock["target_minutes"] - count
        if clock["breached_at"] is not None:
            assert clock["due_at"] == clock["breached_at"]
        if not any(step["kind"] == "retargeted" for step in record["steps"]):
            late = over is not None and recount.now > over
            stopped = clock["stopped_at"]
            if stopped is not None:
                late = over is not None and minute_of(stopped) > over
            assert (clock["breached_at"] is not None) is late, clock
            assert not late or minute_of(clock["breached_at"]) == over
    once = Counter(
        (s["kind"], s["measure"], s["nth"], s["level"], s["minutes"])
        for s in record["steps"]
        if s["kind"] in {"reminded", "breached", "escalated"}
    )
    assert set(once.values()) <= {1}
    assert len(await desk.told("reminded", "breached", "escalated")) == len(once)
