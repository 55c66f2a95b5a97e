"""In the test world a reference scripts a parcel's life; in the live world it is none."""

import json
import uuid
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.parcels.cod import service as cod
from services.parcels.events import CORRECTED, MOVED, STATUS_CHANGED
from services.parcels.network.service import on_office_events
from services.parcels.sandbox import domain, jobs
from services.parcels.statistics.service import CONSUMER, TYPES, on_scanned
from services.parcels.vocabulary import Event
from shared.auth import WORLDS, World, service_caller
from shared.client import Sister
from shared.consumer import Consumer, Runner
from shared.outbox import Relay
from tests.conftest import START, Api, Serve
from tests.services.parcels.conftest import OTHER_SHOP, SHOP, Parcels, office_event

pytestmark = pytest.mark.anyio

LIVES = ("DELIVERED", "LATE", "LOST", "RETURNED", "DAMAGED", "COD-SHORT")
COUNTED = Consumer(CONSUMER, TYPES, on_scanned)
COD = Consumer("parcels.cod", (STATUS_CHANGED, MOVED, CORRECTED), cod.on_moved)


class Worlds:
    """Parcels with both worlds, as a partner sees either."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.runtime = api.app.state.runtime
        self._orders = Parcels(api)

    def headers(self, world: World, *scopes: str, sub: str = SHOP) -> dict[str, str]:
        kind = "staff" if sub == OTHER_SHOP else "shop"
        return self.api.headers(*scopes, sub=sub, kind=kind, world=world)

    async def book(self, world: World, reference: str, **changes: Any) -> str:
        answer = await self.api.client.post(
            "/v1/parcels",
            json=self._orders.order(reference=reference, **changes),
            headers=self.headers(world, "parcels:book") | {"Idempotency-Key": str(uuid.uuid4())},
        )
        assert answer.status_code == 201, answer.text
        barcode: str = answer.json()["barcode"]
        return barcode

    async def get(self, world: World, path: str, *scopes: str, sub: str = SHOP) -> dict[str, Any]:
        headers = self.headers(world, *(scopes or ("parcels:read",)), sub=sub)
        answer = await self.api.client.get(path, headers=headers)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def advance(self, **by: float) -> None:
        """Move the test world's clock, and let its worker look at both worlds."""
        self.at = getattr(self, "at", START) + timedelta(**by)
        headers = {"Authorization": f"Bearer {self._token('test')}"}
        body = {"mode": "sandbox", "at": self.at.isoformat()}
        answer = await self.api.client.put("/internal/clock", json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        await self.work()

    async def work(self) -> None:
        for world in WORLDS:
            await jobs.tick(self.runtime, world)

    def _token(self, world: World) -> str:
        token: str = self.runtime.minter.token(service_caller("parcels", world))
        return token

    async def follow(self, world: World, *consumers: Consumer) -> None:
        """Publish, and let consumers catch up."""
        database = self.runtime.databases[world]
        async with database.hot.acquire() as connection:
            while await Relay(database).move(connection):
                pass
        sister = Sister(self.api.client, self.runtime.minter, service_caller("parcels", world))
        for consumer in consumers:
            runner = Runner(consumer, database, sister)
            while await runner.step():
                pass

    async def told(self, barcode: str) -> list[dict[str, Any]]:
        """What the test world tells of a parcel, in its order."""
        await self.follow("test")
        rows = await self.runtime.databases["test"].hot.fetch(
            "SELECT item FROM feed, json_array_elements(data->'items') AS item"
            " WHERE type IN ('parcel.status_changed', 'parcel.moved')"
            " AND item->>'barcode' = $1 ORDER BY position",
            barcode,
        )
        return [json.loads(row["item"]) for row in rows]


@pytest.fixture
async def worlds(serve: Serve) -> Worlds:
    made = Worlds(await serve("parcels", worlds=["live", "test"]))
    for database in made.runtime.databases.worlds.values():
        async with database.transaction() as session:
            await on_office_events(session, [office_event(n) for n in range(1, 4)])
    return made


async def test_each_life_to_its_end(worlds: Worlds) -> None:
    barcodes = {life: await worlds.book("test", f"ORD-7-{life}") for life in LIVES[:5]}
    plain = await worlds.book("test", "ORD-7")
    await worlds.advance(hours=2)
    seen = {life: await worlds.get("test", f"/v1/parcels/{b}") for life, b in barcodes.items()}
    assert {body["status"] for body in seen.values()} == {"accepted"}
    await worlds.advance(hours=28)
    states = {
        life: (await worlds.get("test", f"/v1/parcels/{b}"))["status"]
        for life, b in barcodes.items()
    }
    assert states == {
        "DELIVERED": "delivered",
        "LATE": "in_transit",
        "LOST": "in_transit",
        "RETURNED": "returning",
        "DAMAGED": "held",
    }
    await worlds.advance(days=20)
    ends = {life: await worlds.get("test", f"/v1/parcels/{b}") for life, b in barcodes.items()}
    assert {life: body["status"] for life, body in ends.items()} == {
        "DELIVERED": "delivered",
        "LATE": "delivered",
        "LOST": "lost",
        "RETURNED": "returned",
        "DAMAGED": "held",
    }
    assert moment(ends["LATE"]["ended_at"]) > moment(ends["LATE"]["promised_at"])
    assert moment(ends["DELIVERED"]["ended_at"]) <= moment(ends["DELIVERED"]["promised_at"])
    assert (await worlds.get("test", f"/v1/parcels/{plain}"))["status"] == "booked"
    told = await worlds.told(barcodes["RETURNED"])
    assert [one["event"] for one in told] == [
        *("acceptance", "departure", "arrival", "out_for_delivery", "delivery_failed"),
        *("return_started", "arrival", "returned"),
    ]
    assert not any(one["backfill"] for one in told)  # else no webhook would tell it
    times = [moment(one["occurred_at"]) for one in told]
    assert times == sorted(times)
    before = await worlds.told(barcodes["LATE"])
    await worlds.work()
    assert await worlds.told(barcodes["LATE"]) == before  # a step is taken once


async def test_the_live_world_has_no_scripts_and_counts_nothing_of_it(worlds: Worlds) -> None:
    live = await worlds.book("live", "ORD-8-DELIVERED")
    test = await worlds.book("test", "ORD-8-DELIVERED")
    await worlds.advance(days=30)
    worlds.api.clock.at += timedelta(days=30)
    await worlds.work()
    assert (await worlds.get("test", f"/v1/parcels/{test}"))["status"] == "delivered"
    assert (await worlds.get("live", f"/v1/parcels/{live}"))["status"] == "booked"
    counted: dict[str, int] = {}
    for world in WORLDS:
        await worlds.follow(world, COUNTED)
        volumes = await worlds.get(world, "/v1/statistics/volumes?period=1398", "reports:read")
        counted[world] = volumes["total"]["count"]
    assert counted == {"live": 0, "test": 1}
    other = await worlds.api.client.get(
        f"/v1/parcels/{test}", headers=worlds.headers("live", "parcels:read")
    )
    assert other.status_code == 404


async def test_cash_that_is_short_is_the_posts_loss_not_the_shops(worlds: Worlds) -> None:
    barcode = await worlds.book("test", "ORD-9-cod-short", cod_rials=2_000_000)
    await worlds.advance(hours=30)
    await worlds.follow("test", COD)
    await worlds.work()
    closes = await worlds.get("test", "/v1/drawers/KZ00001/closes", "cash:count", sub=OTHER_SHOP)
    (closed,) = closes["items"]
    assert (closed["expected_rials"], closed["counted_rials"]) == (2_000_000, 1_990_000)
    (taking,) = (await worlds.get("test", "/v1/cod"))["items"]
    assert (taking["barcode"], taking["amount_rials"]) == (barcode, 2_000_000)
    assert taking["state"] == "due"
    await worlds.work()
    again = await worlds.get("test", "/v1/drawers/KZ00001/closes", "cash:count", sub=OTHER_SHOP)
    assert again == closes


async def test_who_moves_a_parcel_by_hand_ends_its_script(worlds: Worlds) -> None:
    """A scan of the partner's own in the sandbox counts like any other."""
    barcode = await worlds.book("test", "ORD-10-LOST")
    await worlds.advance(hours=5)
    scan = {
        "barcode": barcode,
        "event_id": str(uuid.uuid4()),
        "event": "delivered",
        "office": "KZ00001",
        "occurred_at": (START + timedelta(hours=6)).isoformat(),
    }
    worlds.api.clock.at += timedelta(hours=6)
    answer = await worlds.api.client.post(
        "/v1/scans", json={"scans": [scan]}, headers=worlds.headers("test", "scans:write")
    )
    assert answer.json()["recorded"] == 1
    await worlds.advance(days=20)
    assert (await worlds.get("test", f"/v1/parcels/{barcode}"))["status"] == "delivered"


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


PREFIX = st.text(alphabet="ORD-0123456789", max_size=12)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1))  # noqa: DTZ001 - no zone matters here
PROMISES = st.none() | st.timedeltas(timedelta(), timedelta(60))


@settings(max_examples=60)
@given(
    PREFIX, st.sampled_from(LIVES), MOMENTS, st.none() | st.timedeltas(timedelta(), timedelta(60))
)
def test_every_life_begins_at_the_counter_and_goes_forward(
    prefix: str, life: str, booked_at: datetime, promise: timedelta | None
) -> None:
    assert domain.life_of(f"{prefix}-{life.lower()}") == life
    promised_at = None if promise is None else booked_at + promise
    steps = domain.script(life, booked_at, promised_at)
    assert steps[0].event is Event.ACCEPTANCE
    assert all(step.at > booked_at for step in steps)
    if life != "LATE" or promise is None or promise > timedelta(hours=16):
        assert [step.at for step in steps] == sorted(step.at for step in steps)
    if life == "LATE" and promised_at is not None:
        assert steps[-1].at > promised_at
    assert len({domain.event_id(1, n) for n in range(len(steps))}) == len(steps)


@pytest.mark.parametrize("reference", ["", "LATE", "ORD-LATER", "ORD-LATE-1", "ORDLATE", "-"])
def test_no_life(reference: str) -> None:
    assert domain.life_of(reference) is None


def test_the_guide_names_every_life() -> None:
    guide = (Path(__file__).parents[4] / "docs" / "sandbox.md").read_text()
    assert set(domain.SUFFIXES) == set(LIVES)
    assert [life for life in LIVES if f"`…-{life}`" not in guide] == []
