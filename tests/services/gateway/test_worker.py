"""The gateway's worker as it runs: from parcels' outbox to the partner's receiver."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import pytest

from services.gateway import worker
from shared import outbox, work
from shared.clock import FrozenClock
from tests.conftest import Serve
from tests.services.gateway.webhooks.support import changed, receiving, register, until

pytestmark = pytest.mark.anyio


async def test_from_the_feed_to_the_receiver(serve: Serve) -> None:
    parcels = await serve("parcels")
    clients = dict.fromkeys(("offices", "complaints"), parcels.client)  # their feeds are empty
    api = await serve(
        "gateway",
        clients={**clients, "parcels": parcels.client, "gateway": parcels.client},
        clock=FrozenClock(datetime.now(UTC)),
        settings={"webhook_allow_private": True},
    )
    async with AsyncExitStack() as stack:
        receiver = await stack.enter_async_context(receiving())
        _, secret = await register(api, receiver.url)
        receiver.secrets.append(secret)
        async with parcels.database.transaction() as session:
            data = {"items": [changed(n % 10, n // 10) for n in range(50)]}
            await outbox.append(session, "parcel.status_changed", data, time=api.clock.now())
        tasks = [
            asyncio.create_task(work.run_all([work.plumbing(parcels.app.state.runtime)])),
            asyncio.create_task(work.run_all([worker.jobs(api.app.state.runtime)])),
        ]
        try:
            await until(lambda: len(receiver.got) == 50)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    assert receiver.forged == []
    told: dict[str, list[int]] = {}
    for _, payload in receiver.got:
        told.setdefault(payload["data"]["barcode"], []).append(payload["data"]["version"])
    assert len(told) == 10
    assert all(versions == [0, 1, 2, 3, 4] for versions in told.values())
