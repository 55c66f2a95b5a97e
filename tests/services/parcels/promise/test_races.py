"""Scans, the consumer, timers and a changing calendar at once: nothing is lost or told twice."""

import asyncio
import os
import random
from collections import Counter
from datetime import timedelta
from typing import Final

import pytest

from services.parcels.breaches import keeping
from tests.services.parcels.promise.conftest import SATURDAY, Promises

pytestmark = pytest.mark.anyio

EVENTS: Final = ("parcel.promise_changed", "promise.breached", "promise.breach_withdrawn")
ROUNDS: Final = 200 if os.environ.get("SUSA_SOAK") == "1" else 8
ROUTE: Final = ("acceptance", "held", "departure", "held", "arrival", "out_for_delivery")
REASONS: Final = (None, "customs", "damaged", "recipient_request")


async def test_whatever_meets_the_promises_come_out_as_if_reckoned_at_the_end(
    promises: Promises, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "ITEMS", 3)
    chance = random.Random(1398)
    barcodes = await promises.parcels.booked(12)
    for n in range(ROUNDS):
        promises.at(f"{SATURDAY} 09:00")
        promises.api.clock.at += timedelta(hours=14 * n)
        scans = [
            promises.parcels.one(
                barcode,
                "delivered" if chance.random() < 0.1 else chance.choice(ROUTE),
                minutes=-chance.randint(0, 600),
                reason=chance.choice(REASONS),
            )
            for barcode in chance.sample(barcodes, 6)
        ]
        day = f"2019-05-{chance.randint(11, 16)}"
        await asyncio.gather(
            promises.parcels.scan(*scans[:4]),
            promises.parcels.scan(*scans[2:]),
            promises.holiday(day, holiday=chance.random() < 0.3),
            promises.consume(),
            promises.tick(),
        )
    await promises.consume()
    await promises.tick()
    assert (await promises.audited()).clean
    settled = {barcode: await promises.promised(barcode) for barcode in barcodes}
    breaches = Counter(await promises.told("promise.breached"))
    breaches.subtract(await promises.told("promise.breach_withdrawn"))
    assert set(breaches.values()) == {0, 1}
    # everything anew, from a whole history each: nothing is left to be changed or told
    told = [len(await promises.told(name)) for name in EVENTS]
    await promises.sweep_all()
    await promises.again()
    await promises.tick()
    assert {barcode: await promises.promised(barcode) for barcode in barcodes} == settled
    assert [len(await promises.told(name)) for name in EVENTS] == told
