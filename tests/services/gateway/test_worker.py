"""The gateway's worker as it runs: from parcels' outbox to the partner's receiver."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import pytest

from services.gateway import worker
from shared import outbox, work
from shared.clock import FrozenClock
from tests.conftest import Serve
from tests.services.gateway.webhooks.support import PARTNER, changed, receiving, register, until

pytestmark = pytest.mark.anyio


async def test_from_the_feed_to_the_receiver(serve: Serve) -> None:
    parcels, complaints = await serve("parcels"), await serve("complaints")
    api = await serve(
        "gateway",
        clients={"parcels": parcels.client, "complaints": complaints.client},
        clock=FrozenClock(datetime.now(UTC)),
        settings={"webhook_allow_private": True},
    )
    async with AsyncExitStack() as stack:
        receiver = await stack.enter_async_context(receiving())
        _, secret = await register(api, receiver.url, "parcel.*", "claim.*")
        receiver.secrets.append(secret)
        async with parcels.database.transaction() as session:
            data = {"items": [changed(n % 10, n // 10) for n in range(50)]}
            await outbox.append(session, "parcel.status_changed", data, time=api.clock.now())
        async with complaints.database.transaction() as session:
            told_of = {"id": "c-1", "barcode": "1", "partner": PARTNER, "cause": "loss"}
            claim = {**told_of, "status": "payee_needed", "claimed_on": "2019-03-21", "version": 2}
            payload = {"claim": {**claim, "liable_office": "KZ00001"}, "occurred_at": "now"}
            await outbox.append(session, "claim.payee_requested", payload, time=api.clock.now())
        tasks = [
            *(
                asyncio.create_task(work.run_all([work.plumbing(each.app.state.runtime)]))
                for each in (parcels, complaints)
            ),
            asyncio.create_task(work.run_all([worker.jobs(api.app.state.runtime)])),
        ]
        try:
            await until(lambda: len(receiver.got) == 51)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    assert receiver.forged == []
    told: dict[str, list[int]] = {}
    (asked,) = [one for _, one in receiver.got if one["type"] == "claim.payee_requested"]
    assert asked["data"] == {
        name: claim[name] for name in ("id", "barcode", "cause", "status", "claimed_on", "version")
    }
    for payload in (one for _, one in receiver.got if one is not asked):
        told.setdefault(payload["data"]["barcode"], []).append(payload["data"]["version"])
    assert len(told) == 10
    assert all(versions == [0, 1, 2, 3, 4] for versions in told.values())
