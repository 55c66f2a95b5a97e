"""The example lines: what they carry, and that they are put in once."""

from datetime import date

import pytest

from services.parcels.routing.domain import FeederRule, Network
from services.parcels.transport import domain, seeding
from services.parcels.transport.domain import Line, instant
from shared.validity import Span
from tests.conftest import Serve

CENTRES = {
    town: f"KZ{n:05d}"
    for n, town in enumerate(("ahvaz", "dezful", "abadan", "mahshahr", "behbahan", "izeh"), 1)
}
RULE = FeederRule(None, date(2016, 3, 20), 111, 900, 1140, 360, 450, 510, 840, 60)
"""As it comes with an installation."""


def test_what_is_collected_is_everywhere_the_next_morning() -> None:
    lines = [
        Line(
            wanted.code,
            Span(wanted.valid_from),
            wanted.mode,
            domain.days_of(wanted.days),
            tuple(call.call() for call in wanted.calls),
            1,
            1,
            1,
        )
        for wanted in seeding.plan(CENTRES)
    ]
    assert [domain.calls_fault(line.calls) for line in lines] == [None] * 8
    offices = {f"{centre}-office": centre for centre in CENTRES.values()}
    network = Network(lines, [RULE], offices)
    for day in (date(2019, 1, 5), date(2019, 3, 18), date(2019, 9, 23)):
        for origin in offices:
            for goal in set(offices) - {origin}:
                journey = network.journey(origin, goal, instant(day, 890))
                assert journey is not None
                assert journey.arrives_at == instant(day, 1440 + 450), (origin, goal)


@pytest.mark.anyio
async def test_they_are_put_in_once_and_changed_ones_stay(serve: Serve) -> None:
    api = await serve("parcels")
    runtime = api.app.state.runtime
    some = {town: CENTRES[town] for town in ("ahvaz", "dezful", "mahshahr")}
    assert await seeding.seed(runtime, "live", some) == 2
    staff = api.headers("transport:write", kind="staff")
    ended = await api.client.post(
        "/v1/lines/AHV-DEZ-1/end", json={"on": "2019-03-21"}, headers=staff
    )
    assert ended.status_code == 200
    assert await seeding.seed(runtime, "live", CENTRES) == 6
    assert await seeding.seed(runtime, "live", CENTRES) == 0
    listed = (await api.client.get("/v1/lines?on=2019-03-22")).json()["items"]
    assert len(listed) == 7
    assert len(await api.events("line.created")) == 8
