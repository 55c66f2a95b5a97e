"""64 at once on one parcel: one of them has an effect, whatever they command."""

import asyncio
import os
import uuid
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import httpx
import pytest

from services.parcels.audit import audit_custody
from tests.services.parcels.conftest import Parcels

pytestmark = [pytest.mark.anyio, pytest.mark.soak]

RACES: Final = 1_000 if os.environ.get("SUSA_SOAK") == "1" else 2
RACERS: Final = 64
HOLD: Final = {"kind": "hold", "until": "2019-03-25"}
REASON: Final = {"reason": "مسابقه"}


class Racers:
    def __init__(self, parcels: Parcels) -> None:
        self.parcels = parcels

    async def race(self, path: str, body: Any) -> Counter[int]:
        """By tokens of this race: one lives for two minutes only."""
        scopes = ("parcels:book", "parcels:read", "custody:decide")
        token = self.parcels.api.headers(*scopes, kind="staff")

        async def one() -> httpx.Response:
            headers = token | {"Idempotency-Key": str(uuid.uuid4())}
            return await self.parcels.client.post(path, json=body, headers=headers)

        answers = await asyncio.gather(*(one() for _ in range(RACERS)))
        return Counter(answer.status_code for answer in answers)

    async def told(self, event_type: str) -> int:
        found: int = await self.parcels.api.database.hot.fetchval(
            "SELECT count(*) FROM outbox WHERE type = $1", event_type
        )
        return found

    async def parcel(self, *events: str) -> tuple[str, Sequence[dict[str, Any]]]:
        (barcode,) = await self.parcels.booked()
        scans = [self.parcels.one(barcode, e, n - 60) for n, e in enumerate(events)]
        await self.parcels.results(*scans)
        return barcode, scans


@pytest.fixture
async def racers(parcels: Parcels) -> Racers:
    return Racers(parcels)


@pytest.mark.parametrize("end", ["instructions", "lost", "return"])
async def test_one_effect(racers: Racers, end: str) -> None:
    events = ("acceptance", "delivered") if end == "return" else ("acceptance",)
    body = {"instructions": HOLD, "lost": REASON, "return": {}}[end]
    created = 200 if end == "lost" else 201
    for _ in range(RACES):
        barcode, _ = await racers.parcel(*events)
        answers = await racers.race(f"/v1/parcels/{barcode}/{end}", body)
        assert answers == {created: 1, 409: RACERS - 1}
    effects = {"instructions": "instruction.given", "return": "customer_return.requested"}
    if end in effects:
        assert await racers.told(effects[end]) == RACES
    audit = await audit_custody(racers.parcels.api.database)
    assert audit.clean, audit.wrong


async def test_one_declaration(racers: Racers) -> None:
    for _ in range(RACES):
        barcode, scans = await racers.parcel("acceptance", "out_for_delivery", "delivered")
        event_id = scans[-1]["event_id"]
        wrong = {"event_id": event_id, "reason": "did_not_occur", "note": "مسابقه"}
        answers = await racers.race(f"/v1/parcels/{barcode}/declarations", wrong)
        assert answers == {200: RACERS}
        assert (await racers.parcels.get(barcode))["status"] == "out_for_delivery"
    assert await racers.told("scan.declared") == await racers.told("parcel.corrected") == RACES
    audit = await audit_custody(racers.parcels.api.database)
    assert audit.clean, audit.wrong
