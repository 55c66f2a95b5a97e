"""A producer that was restored: who goes on by itself, who stops, and how it goes on."""

import uuid
from typing import Any

import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared import restored
from shared.consumer import Consumer, ConsumerStoppedError, OwnReader, Runner
from shared.feed import FeedSignal
from shared.restored import Known, former
from tests.conftest import Api, Serve
from tests.shared.test_consumer import effects, prepared, producer_of, put

pytestmark = pytest.mark.anyio


async def roll_back(api: Api, position: int) -> str:
    """The producer's feed as a backup had it at this position, put back in place."""
    owner = await asyncpg.connect(api.target.owner_dsn)
    try:
        before = await restored.read_lineage(owner)
        first = next(iter(before.restored), before.epoch)
        await owner.execute("DELETE FROM feed WHERE position > $1", position)
        known = await owner.fetchval(
            "SELECT data->>'epoch' FROM feed WHERE type = 'feed.restored'"
            " ORDER BY position DESC LIMIT 1"
        )
        epoch = known or first
        await owner.execute(
            "UPDATE feed_head SET position = $1, epoch = $2::text::uuid", position, epoch
        )
        return await restored.renew(owner, before)
    finally:
        await owner.close()


class TestRunner:
    async def test_who_had_read_no_further_goes_on_and_misses_nothing(self, serve: Serve) -> None:
        api, _, run = await prepared(serve)
        await put(api, 1, 2)
        await run.step()
        await roll_back(api, 2)
        await put(api, 3)
        await run.step()
        assert await run.step() == 2  # the event that says so, and the new one
        assert await effects(api) == [1, 2, 3]

    async def test_who_had_read_what_is_gone_stops_until_it_is_helped(self, serve: Serve) -> None:
        api, _, run = await prepared(serve)
        await put(api, 1, 2, 3)
        await run.step()
        await roll_back(api, 1)
        await put(api, 4, 5, 6)
        with pytest.raises(ConsumerStoppedError, match="2 of the events consumed here are gone"):
            await run.step()
        await run.run()
        assert run.stopped is not None
        assert await effects(api) == [1, 2, 3]
        helped = await run.resync()
        assert (helped.before, helped.position, helped.gone) == (3, 1, 2)
        assert await run.step() == 4
        # what was told after the restore is all there, also what got positions read before
        assert await effects(api) == [1, 2, 3, 4, 5, 6]

    async def test_a_copy_is_told_everything_again(self, serve: Serve) -> None:
        api, ledger, _ = await prepared(serve)

        async def forget(session: AsyncSession) -> None:
            await session.execute(text("DELETE FROM effect"))

        copy = Consumer("test.effects", ("a.b",), ledger.handle, forget)
        run = Runner(copy, api.database, producer_of(api))
        await put(api, 1, 2, 3)
        await run.step()
        await roll_back(api, 2)
        await put(api, 4)
        await run.step()
        await run.step()
        assert await effects(api) == [1, 2, 4]

    async def test_a_service_reads_its_own_feed_on_for_its_cursor_was_restored_with_it(
        self, serve: Serve
    ) -> None:
        api, ledger, _ = await prepared(serve)
        signal = FeedSignal(api.database.dsn)
        reader = OwnReader(api.database, signal, "offices")
        run = Runner(Consumer("test.effects", ("a.b",), ledger.handle), api.database, reader)
        await put(api, 1, 2)
        await run.step()
        await roll_back(api, 2)
        await put(api, 3)
        await run.step()
        assert await run.step() == 2
        assert await effects(api) == [1, 2, 3]
        await signal.close()

    async def test_an_epoch_that_nobody_knows_needs_an_order(self, serve: Serve) -> None:
        api, _, run = await prepared(serve)
        await put(api, 1, 2)
        await run.step()
        await api.database.hot.execute("UPDATE feed_head SET epoch = $1", uuid.uuid4())
        with pytest.raises(ConsumerStoppedError, match="unknown number"):
            await run.step()
        with pytest.raises(LookupError, match="--from-start"):
            await run.resync()
        assert (await run.resync(start=True)).position == 0
        await run.step()
        assert await effects(api) == [1, 1, 2, 2]

    async def test_restores_one_after_another(self, serve: Serve) -> None:
        """Of one that is restored to before an earlier restore, the way from that is told too."""
        api, _, run = await prepared(serve)
        await put(api, 1, 2, 3, 4)
        await run.step()
        await roll_back(api, 3)  # its own first event is at 4
        await run.resync()
        await put(api, 5)
        await run.step()
        await roll_back(api, 2)
        with pytest.raises(ConsumerStoppedError, match="3 of the events"):
            await run.step()
        assert (await run.resync()).position == 2
        await put(api, 6)
        await run.step()
        assert await effects(api) == [1, 2, 3, 4, 5, 6]

    async def test_the_lineage_is_for_sisters_only(self, serve: Serve) -> None:
        api = await serve("offices")
        asked = "/internal/feed/lineage"
        assert (await api.client.get(asked)).status_code == 401
        assert (await api.client.get(asked, headers=api.headers())).status_code == 403


@st.composite
def histories(draw: Any) -> list[tuple[str, Known, list[int]]]:
    """A feed that grew and was restored from copies of itself; all states, newest last."""
    serial = iter(range(1, 10_000))
    events: list[int] = []
    known = Known("e0", 0, 0, {})
    copies = [(known, events)]
    states = [("e0", known, events)]
    for step in range(draw(st.integers(1, 6))):
        events = [*events, *(next(serial) for _ in range(draw(st.integers(0, 4))))]
        known = Known(known.epoch, len(events), 0, known.restored)
        states.append((known.epoch, known, events))
        copies.append((known, events))
        if draw(st.booleans()):
            old, old_events = draw(st.sampled_from(copies))
            restored_ = former(old, known)
            events = [*old_events, next(serial)]
            known = Known(f"e{step + 1}", len(events), 0, restored_)
            states.append((known.epoch, known, events))
            copies.append((known, events))
    return states


@settings(max_examples=150, deadline=None)
@given(states=histories())
def test_what_is_called_common_is_common(states: list[tuple[str, Known, list[int]]]) -> None:
    """A reader of any earlier state that goes on at the common position has read the same."""
    _, newest, events = states[-1]
    for epoch, _, theirs in states:
        upto = newest.restored.get(epoch)
        if epoch != newest.epoch and upto is not None:
            upto = min(upto, len(theirs))
            assert theirs[:upto] == events[:upto]


@settings(max_examples=150, deadline=None)
@given(states=histories())
def test_every_epoch_that_was_is_known(states: list[tuple[str, Known, list[int]]]) -> None:
    _, newest, _ = states[-1]
    assert {epoch for epoch, _, _ in states} <= {newest.epoch, *newest.restored}
