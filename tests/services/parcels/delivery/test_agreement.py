"""Random days of an office: commands and late, doubled scans; then everything agrees."""

import os
import random
import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

import httpx
import pytest

from services.parcels.audit import audit_custody
from tests.services.parcels.conftest import Parcels
from tests.services.parcels.delivery_round import Round

pytestmark = pytest.mark.anyio

DAYS: Final = 100 if os.environ.get("SUSA_SOAK") == "1" else 1
STEPS: Final = 70
WAITING = """
SELECT p.item_id FROM parcel p FULL JOIN holding h USING (item_id)
WHERE (p.status = 5) <> (h.item_id IS NOT NULL)
"""
UNPROVED = """
SELECT d.item_id FROM delivery_proof d JOIN parcel p USING (item_id) WHERE p.status <> 7
UNION ALL
SELECT item_id FROM delivery_proof GROUP BY item_id HAVING count(*) > 1
"""
ON_TWO_RUNS = """
SELECT s.item_id FROM run_stop s JOIN courier_run r ON r.id = s.run
WHERE s.outcome = 'open' AND r.status IN ('planned', 'out')
GROUP BY s.item_id HAVING count(*) > 1
"""
LEFT_OPEN = """
SELECT s.item_id FROM run_stop s JOIN courier_run r ON r.id = s.run
WHERE s.outcome = 'open' AND r.status = 'closed'
"""
RETURNS = """
SELECT e.item_id FROM scan_event e JOIN parcel p USING (item_id)
    LEFT JOIN return_leg l USING (item_id, event_id)
WHERE e.event = 80 AND p.status = 8 AND l.item_id IS NULL
    AND NOT EXISTS (SELECT FROM return_leg o WHERE o.item_id = e.item_id)
"""


class Day:
    """What people and terminals do, drawn at random."""

    def __init__(self, office: Round, barcodes: Sequence[str], seed: int) -> None:
        self.office = office
        self.barcodes = barcodes
        self.rng = random.Random(seed)
        self.runs: list[str] = []
        self.sent: list[dict[str, Any]] = []

    def some(self) -> list[str]:
        return self.rng.sample(list(self.barcodes), self.rng.randrange(1, 4))

    async def plan(self) -> httpx.Response:
        courier = self.rng.choice(["KZ00001-01", "KZ00001-02"])
        answer = await self.office.send(
            "POST", "/v1/runs", {"courier": courier, "stops": self.some()}
        )
        if answer.status_code == 201:
            self.runs.append(answer.json()["id"])
        return answer

    async def on_a_run(self) -> httpx.Response:
        run = self.rng.choice(self.runs or [str(uuid.uuid4())])
        what = self.rng.choice(["start", "start", "hand-back", "close", "cancel", "stops"])
        body = {"stops": self.some()} if what in {"hand-back", "stops"} else None
        method = "PUT" if what == "stops" else "POST"
        return await self.office.send(method, f"/v1/runs/{run}/{what}", body)

    async def deliver(self) -> httpx.Response:
        return await self.office.deliver(self.rng.choice(self.barcodes))

    async def attempt(self) -> httpx.Response:
        reason = self.rng.choice(["absent", "refused", "own_pickup_requested", "moved"])
        return await self.office.attempt(self.rng.choice(self.barcodes), reason)

    async def scan(self) -> httpx.Response:
        if self.sent and self.rng.random() < 0.3:
            return await self.office.parcels.scan(self.rng.choice(self.sent))
        event = self.rng.choice(
            ["arrival", "departure", "held_at_counter", "return_started", "delivery_failed"]
        )
        barcode = self.rng.choice(self.barcodes)
        late = self.rng.choice([0, 0, 4, -200])
        self.sent.append(self.office.parcels.one(barcode, event, late))
        return await self.office.parcels.scan(self.sent[-1])

    async def wait(self) -> None:
        self.office.api.clock.at += timedelta(minutes=self.rng.choice([1, 9, 300, 3_000]))
        if self.rng.random() < 0.3:
            await self.office.follow()
            await self.office.tick()


@pytest.fixture
async def office(parcels: Parcels) -> Round:
    made = Round(parcels)
    await made.courier()
    await made.courier("KZ00001-02")
    return made


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(DAYS))
async def test_after_random_days_everything_agrees(office: Round, seed: int) -> None:
    day = Day(office, await office.arrived(8), seed)
    acts = (day.plan, day.on_a_run, day.on_a_run, day.scan, day.scan, day.attempt, day.deliver)
    for _ in range(STEPS):
        answer = await day.rng.choice(acts)()
        assert answer.status_code < 500, answer.text
        await day.wait()
    await office.follow()
    database = office.api.database.hot
    for question in (WAITING, UNPROVED, ON_TWO_RUNS, LEFT_OPEN, RETURNS):
        assert await database.fetch(question) == [], question
    assert await database.fetchval("SELECT count(*) FROM delivery_proof")
    audit = await audit_custody(office.api.database)
    assert audit.clean, audit.wrong
