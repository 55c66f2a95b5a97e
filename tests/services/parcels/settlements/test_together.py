"""Deliveries, corrections, counting, settling and a bank at once: no rial is lost or doubled."""

import asyncio
import os
import random
import uuid
from datetime import timedelta

import pytest

from tests.services.parcels.cash import COURIER, OFFICE, OTHER_COURIER, Cash
from tests.services.parcels.conftest import Parcels

pytestmark = pytest.mark.anyio

PASSING = {201, 404, 409, 503}
"""503: what could not lock in time or would have met a deadlock; asked again by the next."""


class Everybody:
    """Each does one thing, at random, while the others do theirs."""

    def __init__(self, cash: Cash, seed: int) -> None:
        self.cash = cash
        self.rng = random.Random(seed)
        self.barcodes: list[str] = []

    async def deliver(self) -> None:
        barcodes = await self.cash.parcels.booked(self.rng.randrange(1, 6), cod_rials=100)
        courier = self.rng.choice((COURIER, OTHER_COURIER))
        await self.cash.scan(*self.cash.journey(barcodes), by=courier)
        self.barcodes += barcodes

    async def take_back(self) -> None:
        if self.barcodes:
            barcode = self.barcodes.pop(self.rng.randrange(len(self.barcodes)))
            legs = (("return_started", -40), ("returned", -30))
            await self.cash.scan(*(self.cash.parcels.one(barcode, *leg) for leg in legs))

    async def hand_in(self) -> None:
        counted = self.rng.choice((0, 100, 500))
        courier = self.rng.choice((COURIER, OTHER_COURIER))
        answer = await self.cash.hand_in(
            counted, str(uuid.uuid4()), collector=courier, note="as counted"
        )
        assert answer.status_code in PASSING, answer.text

    async def close(self) -> None:
        self.cash.api.clock.at += timedelta(days=1)
        day = self.cash.api.clock.now().date().isoformat()
        answer = await self.cash.close(self.rng.choice((0, 300)), day, note="as counted")
        assert answer.status_code in PASSING, answer.text

    async def settle(self) -> None:
        assert (await self.cash.post("/v1/settlements", {})).status_code in PASSING

    async def pay(self) -> None:
        answer = await self.cash.bank("payment-orders/fetch", {})
        for order in answer.json().get("orders", ()):
            how = self.rng.choice(("confirm", "refuse", "return"))
            trace = str(uuid.uuid4())
            if how != "refuse":
                await self.cash.confirm(order, trace)
            if how == "return":
                await self.cash.answer(order, "return", trace_number=f"R-{trace}", reason="x")
            if how == "refuse":
                await self.cash.answer(order, "refuse", reason="x")

    async def follow(self) -> None:
        await self.cash.follow()

    async def at_once(self) -> None:
        doing = (self.deliver, self.take_back, self.hand_in, self.close, self.settle, self.pay)
        await asyncio.gather(self.follow(), *(do() for do in self.rng.sample(doing, 5)))


async def _together(parcels: Parcels, rounds: int) -> None:
    cash = Cash(parcels)
    await cash.register()
    everybody = Everybody(cash, seed=rounds)
    for _ in range(rounds):
        await everybody.at_once()
        await cash.audited()
    found = await cash.audited()
    assert found.takings
    drawer = await cash.get(f"/v1/drawers/{OFFICE}")
    assert drawer["expected_rials"] == await cash.balance("cod/office/1")


@pytest.mark.soak
async def test_every_rial_stays_in_one_place(parcels: Parcels) -> None:
    await _together(parcels, 1_000 if os.environ.get("SUSA_SOAK") == "1" else 3)
