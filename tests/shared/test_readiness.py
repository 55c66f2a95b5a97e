"""Readiness: what of a relay and of consumers is late, by name."""

import pytest

from shared import retention
from shared.readiness import Lag, Reader, Thresholds, faults
from tests.conftest import Serve

pytestmark = pytest.mark.anyio


async def test_it_names_what_is_late_and_who_is_silent(serve: Serve) -> None:
    api = await serve("offices")
    hot = api.database.hot
    ready = await api.client.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "ok")
    await hot.execute(
        "INSERT INTO feed (position, event_id, type, time, data)"
        " SELECT n, uuidv7(interval '-10 minutes'), 'a.b', now(), '{}' FROM generate_series(1, 3) n"
    )
    await hot.execute("UPDATE feed_head SET position = 3")
    await hot.execute("INSERT INTO feed_consumer (name, position) VALUES ('a.late', 1)")
    await hot.execute(
        "INSERT INTO feed_consumer (name, position, seen_at)"
        " VALUES ('a.gone', 3, now() - interval '5 minutes'), ('a.well', 3, now())"
    )
    await hot.execute(
        "INSERT INTO outbox (event_id, type, time, data)"
        " VALUES (uuidv7(interval '-1 minute'), 'a.b', now(), '{}')"
    )
    await retention.sweep(api.database, await hot.fetchval("SELECT now()"))
    refused = await api.client.get("/readyz")
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    said = refused.json()["detail"]
    assert said.startswith("offices: the relay (live) is 60 s behind")
    assert "a.late (live) is 600 s and 2 events behind" in said
    assert "a.gone (live) has not asked for 300 s" in said
    assert "a.well" not in said
    assert "feed.kept" not in said
    assert (await api.client.get("/livez")).status_code == 200


@pytest.mark.parametrize(("late_s", "silent_s", "found"), [(90, 90, 0), (91, 0, 1), (91, 91, 1)])
def test_thresholds(late_s: float, silent_s: float, found: int) -> None:
    reader = Reader(name="a.b", events_behind=1, late_s=late_s, silent_s=silent_s)
    lag = Lag(world="live", relay_s=30, readers=[reader])
    assert len(faults(lag, Thresholds(30, 90))) == found
