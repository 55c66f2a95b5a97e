"""What cases are about: snapshots completed by the worker, parcels followed by their feed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints import clients, worker
from services.complaints.subjects import repository
from services.complaints.subjects import service as subjects
from shared.consumer import Runner
from shared.identifiers import format_barcode
from tests.conftest import START, Api
from tests.services.complaints.conftest import (
    BARCODE,
    OFFICE,
    OTHER_BARCODE,
    STAFF,
    File,
    Sisters,
    history,
)

pytestmark = pytest.mark.anyio


async def catch_up(api: Api) -> int:
    runtime = api.app.state.runtime
    sisters = clients.Sisters(runtime.sister("parcels", "live"), runtime.sister("offices", "live"))
    return await subjects.catch_up(api.database, sisters, api.clock.now())


async def read(api: Api, filed: dict[str, Any]) -> dict[str, Any]:
    got = await api.client.get(f"/v1/complaints/{filed['number']}", headers=api.headers(*STAFF))
    body: dict[str, Any] = got.json()
    return body


def runner(api: Api, consumer: Any = subjects.PARCELS) -> Runner:
    return Runner(consumer, api.database, api.app.state.runtime.sister("parcels", "live"))


def changed(barcode: str, status: str, version: int) -> dict[str, Any]:
    return {"barcode": barcode, "status": status, "version": version, "previous": "booked"}


class TestCatchUp:
    async def test_completes_the_snapshot_when_the_sister_is_back(
        self, api: Api, file: File, sisters: Sisters
    ) -> None:
        sisters.down = {"parcels", "offices"}
        parcel = await file()
        office = await file(about={"kind": "office", "office": OFFICE})
        assert await catch_up(api) == 0
        assert (await read(api, parcel))["snapshot"] is None
        sisters.down = set()
        api.clock.at = START + timedelta(minutes=1)
        assert await catch_up(api) == 2
        case = await read(api, parcel)
        assert case["snapshot_pending"] is False
        assert case["snapshot"]["at_filing"] is False
        assert case["snapshot"]["taken_at"] == "2019-03-21T08:01:00Z"
        assert case["snapshot"]["parcel"]["status"] == case["parcel_status"] == "in_transit"
        assert (await read(api, office))["snapshot"]["office"]["county"] == "ahvaz"
        assert await catch_up(api) == 0

    async def test_says_so_when_there_was_no_such_parcel(
        self, api: Api, file: File, sisters: Sisters
    ) -> None:
        sisters.down = {"parcels"}
        filed = await file()
        sisters.down = set()
        del sisters.parcels[BARCODE]
        assert await catch_up(api) == 1
        case = await read(api, filed)
        assert case["snapshot_pending"] is False
        assert (case["snapshot"]["found"], case["snapshot"]["parcel"]) == (False, None)

    async def test_a_case_that_fails_goes_behind_the_others(
        self, api: Api, file: File, sisters: Sisters
    ) -> None:
        sisters.down = {"parcels"}
        bad, good = await file(), await file(about={"kind": "parcel", "barcode": OTHER_BARCODE})
        sisters.down = set()
        sisters.parcels[BARCODE] = {"barcode": "unreadable"}
        assert await catch_up(api) == 0
        assert await catch_up(api) == 1
        assert (await read(api, good))["snapshot_pending"] is False
        assert (await read(api, bad))["snapshot_pending"] is True

    async def test_no_change_is_lost_between_the_snapshot_and_the_commit(
        self, api: Api, file: File, sisters: Sisters
    ) -> None:
        filed = await file()
        # it was delivered after parcels answered, and the event came by before the case was there
        sisters.parcels[BARCODE] = history(BARCODE, status="delivered", version=4)
        assert (await read(api, filed))["parcel_status"] == "in_transit"
        assert await catch_up(api) == 1
        case = await read(api, filed)
        assert case["parcel_status"] == "delivered"
        assert case["snapshot"]["parcel"]["status"] == "in_transit"  # as at filing

    async def test_an_older_answer_does_not_overtake_the_feed(
        self, api: Api, file: File, sisters: Sisters
    ) -> None:
        filed = await file()
        sisters.publish("parcel.status_changed", changed(BARCODE, "delivered", 9))
        await runner(api).step()
        assert await catch_up(api) == 1
        assert (await read(api, filed))["parcel_status"] == "delivered"


class TestFeed:
    async def test_open_cases_follow_their_parcels(
        self, api: Api, file: File, sisters: Sisters
    ) -> None:
        filed = await file()
        other = await file(about={"kind": "parcel", "barcode": OTHER_BARCODE})
        sisters.publish("parcel.status_changed", changed(BARCODE, "out_for_delivery", 4))
        sisters.publish("parcel.booked", {"barcode": BARCODE})
        sisters.publish(
            "parcel.status_changed",
            changed(BARCODE, "delivered", 6),
            changed(BARCODE, "held", 5),  # older, though it comes later
        )
        sisters.publish("parcel.cancelled", {"barcode": OTHER_BARCODE, "version": 4})
        assert await runner(api).step() == 4
        assert (await read(api, filed))["parcel_status"] == "delivered"
        assert (await read(api, other))["parcel_status"] == "cancelled"
        # it was not delivered after all
        sisters.publish("parcel.corrected", changed(BARCODE, "out_for_delivery", 7))
        await runner(api).step()
        assert (await read(api, filed))["parcel_status"] == "out_for_delivery"

    async def test_closed_cases_stay_as_they_are(
        self, api: Api, file: File, sisters: Sisters
    ) -> None:
        filed = await file()
        path = f"/v1/complaints/{filed['number']}"
        await api.client.post(f"{path}/answers", json={"text": "x"}, headers=api.headers(*STAFF))
        await api.client.post(f"{path}/close", headers=api.headers(*STAFF))
        sisters.publish("parcel.status_changed", changed(BARCODE, "delivered", 9))
        await runner(api).step()
        assert (await read(api, filed))["parcel_status"] == "in_transit"

    async def test_a_page_is_consumed_once(self, api: Api, file: File, sisters: Sisters) -> None:
        """The effect and the cursor go together: after a failure, and for two workers."""
        filed = await file()
        sisters.publish("parcel.status_changed", changed(BARCODE, "delivered", 9))
        calls = 0

        async def failing(session: AsyncSession, page: Sequence[dict[str, Any]]) -> None:
            nonlocal calls
            calls += 1
            await subjects.PARCELS.handle(session, page)
            if calls == 1:
                raise RuntimeError("after the effect, before the commit")

        first, second = runner(api, replace(subjects.PARCELS, handle=failing)), runner(api)
        assert await first.step() == 1
        assert calls == 2
        assert (await read(api, filed))["parcel_status"] == "delivered"
        await api.database.hot.execute("UPDATE complaint_case SET parcel_version = 0")
        await api.database.hot.execute("UPDATE complaint_case SET parcel_status = 'untouched'")
        assert await first.step() == 0
        assert await second.step() == 0
        assert (await read(api, filed))["parcel_status"] == "untouched"

    async def test_a_page_that_names_no_case_probes_the_small_index(
        self, api: Api, file: File, sisters: Sisters
    ) -> None:
        await file()
        hot = api.database.hot
        await hot.execute(
            "INSERT INTO complaint_case (year, kind, barcode, category, status, version,"
            " secret_hash, message_count, snapshot_pending, filed_at, recorded_at, updated_at,"
            " closed_at) SELECT 1397, 'parcel', n::text, 'delay', 'closed', 1, '', 0, false, now(),"
            " now(), now(), now() FROM generate_series(1, 20000) AS n"
        )
        owner = await asyncpg.connect(api.target.owner_dsn)
        await owner.execute("ANALYZE complaint_case")
        await owner.close()
        items = [changed(format_barcode(n), "delivered", 9) for n in range(1_000, 2_000)]
        sisters.publish("parcel.status_changed", *items)
        touched = await buffers(api, items)
        assert touched < 20  # the 20,000 closed cases are some 300 pages
        assert await runner(api).step() == 1


async def buffers(api: Api, items: list[dict[str, Any]]) -> int:
    """How many pages of `complaint_case` and its indexes the page's statement reads."""
    async with api.database.hot.acquire() as connection, connection.transaction():
        sql = repository._FOLLOW_SQL
        for n, name in enumerate(("barcodes", "statuses", "versions"), 1):
            sql = sql.replace(f":{name}", f"${n}")
        columns = ([item[key] for item in items] for key in ("barcode", "status", "version"))
        lines = await connection.fetch(f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) {sql}", *columns)
    plan = "\n".join(line[0] for line in lines)
    assert "ix_complaint_case_open_barcode" in plan, plan
    assert "Seq Scan on complaint_case" not in plan, plan
    return int(
        next(line for line in lines if "Buffers: shared hit=" in line[0])[0]
        .split("hit=")[1]
        .split()[0]
    )


async def test_the_worker_has_its_jobs(api: Api) -> None:
    names = {job.name for job in worker.jobs(api.app.state.runtime).jobs}
    consumers = {f"complaints.{name}/live" for name in ("parcels", "surveys", "satisfaction")}
    assert consumers | {"lookup/live", "relay/live"} <= names
