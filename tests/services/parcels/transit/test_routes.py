"""Volumes, transit times and promises kept, by every dimension, down to their items."""

import asyncio
import contextlib
import csv
import io
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

import pytest
from sqlalchemy import text

from services.parcels.audit import audit_statistics
from services.parcels.statistics.recount import recount, recount_tasks
from services.parcels.transit import service
from shared import outbox
from shared.calendar import tehran_date
from shared.consumer import CursorMovedError
from tests.services.parcels.bags.conftest import Bags
from tests.services.parcels.bags.test_routes import accepted
from tests.services.parcels.conftest import Parcels, office_event
from tests.services.parcels.exchange.test_routes import Exchange, closed
from tests.services.parcels.statistics.test_routes import roll_up

pytestmark = pytest.mark.anyio

URL: Final = "/v1/statistics/transit"
DAY: Final = 60 * 24
BACKFILL: Final = ("backfill",)


async def ask(parcels: Parcels, url: str = URL, status: int = 200, **params: Any) -> Any:
    headers = parcels.api.headers("reports:read")
    query = f"{'&' if '?' in url else '?'}{urlencode(params)}"
    answer = await parcels.client.get(url + query, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json()


async def rows(parcels: Parcels, **params: Any) -> dict[str, dict[str, Any]]:
    body = await ask(parcels, **params)
    return {row["key"]: row for row in body["rows"]}


async def promise(parcels: Parcels, barcodes: list[str], at: datetime | None) -> None:
    """As the promise would; nothing on this branch makes one."""
    async with parcels.api.database.transaction() as session:
        await session.execute(
            text(
                "UPDATE parcel SET promised_at = :at WHERE reference IS NULL AND item_id IN"
                " (SELECT item_id FROM parcel ORDER BY item_id DESC LIMIT :n)"
            ),
            {"at": at, "n": len(barcodes)},
        )


async def deliver(
    parcels: Parcels, barcodes: list[str], office: str, start: float, hours: float
) -> None:
    """Accept `start` minutes from now, hand over so many hours later."""
    ends = start + hours * 60
    for event, minutes in (("acceptance", start), ("departure", start + 1), ("delivered", ends)):
        scans = [parcels.one(one, event, minutes, office=office) for one in barcodes]
        assert set(await parcels.results(*scans, more=BACKFILL)) == {"recorded"}


async def clean(parcels: Parcels) -> None:
    await roll_up(parcels)
    audit = await audit_statistics(parcels.api.database)
    assert audit.wrong == []


def recipient(parcels: Parcels, **changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = parcels.order()["recipient"] | changes
    return found


async def two_years(parcels: Parcels) -> None:
    """A month of 1397 and the same of 1398: accepted in two counties, bound for three places."""
    parcels.api.clock.at += timedelta(days=20)
    now = parcels.api.clock.now()
    for year, count in ((-365, 2), (0, 3)):
        start = (year - 10) * DAY
        some = await parcels.booked(count)
        await promise(parcels, some, now + timedelta(minutes=start, hours=30))
        await deliver(parcels, some, "KZ00001", start, 20)
        late = await parcels.booked(1, product="amanat", origin_office="KZ00002")
        await promise(parcels, late, now + timedelta(minutes=start, hours=30))
        await deliver(parcels, late, "KZ00002", start, 50)
        away = recipient(parcels, province="tehran", town=None)
        moving = await parcels.booked(1, recipient=away)
        assert await parcels.results(
            parcels.one(moving[0], "acceptance", start), more=BACKFILL
        ) == ["recorded"]
    foreign = parcels.one("RB123456785GB", "arrival", -9 * DAY)
    assert await parcels.results(foreign, more=BACKFILL) == ["recorded"]


async def test_by_every_dimension(parcels: Parcels) -> None:
    await two_years(parcels)
    await clean(parcels)
    whole = await ask(parcels, period="1398")
    assert whole["as_of"] is not None
    total = whole["total"]
    assert (total["accepted"], total["delivered"], total["previous_accepted"]) == (6, 4, 4)
    assert (total["accepted_growth_percent"], total["delivered_growth_percent"]) == (50.0, 33.33)
    assert (total["promised"], total["within_promise"]) == (4, 3)
    assert total["within_promise_percent"] == 75.0
    assert total["previous_within_promise_percent"] == 66.67
    assert total["mean_hours"] == 27.5
    assert 18 <= total["p50_hours"] <= 24
    assert 48 <= total["p99_hours"] <= 60

    found = {
        "product": {"pishtaz": 4, "amanat": 1, "sefareshi": 1},
        "channel": {"ecommerce": 5, "international": 1},
        "direction": {"domestic": 5, "incoming": 1},
        "office": {"KZ00001": 4, "KZ00002": 1, "none": 1},
        "county": {"dezful": 4, "abadan": 1, "abroad": 1},
        "destination": {"dezful": 4, "province:tehran": 1, "unknown": 1},
        "lane": {
            "dezful>dezful": 3,
            "dezful>province:tehran": 1,
            "abadan>dezful": 1,
            "abroad>unknown": 1,
        },
        "month": {"1398-01": 6},
        "day": {"1398-01-11": 5, "1398-01-12": 1},
    }
    for by, wanted in found.items():
        by_key = await rows(parcels, period="1398", by=by)
        counted = {key: row["accepted"] for key, row in by_key.items() if row["accepted"]}
        assert counted == wanted, by
        for row in by_key.values():
            for measure in ("accepted", "delivered", "promised", "within_promise"):
                page = await ask(parcels, row["items"], measure=measure)
                assert len(page["items"]) == row[measure], (by, row["key"], measure)
    late = (await ask(parcels, f"{URL}/items", period="1398-01", measure="late"))["items"]
    assert [(one["product"], one["within_promise"], one["transit_minutes"]) for one in late] == [
        ("amanat", False, 3000)
    ]


async def test_filters_periods_and_files(parcels: Parcels) -> None:
    await two_years(parcels)
    await clean(parcels)
    one = await ask(parcels, period="1398-H1", by="product", county="dezful", destination="dezful")
    assert [(row["key"], row["accepted"]) for row in one["rows"]] == [("pishtaz", 3)]
    by_county = await rows(parcels, period="1398-01", by="county", destination="dezful")
    assert {key: row["accepted"] for key, row in by_county.items()} == {"dezful": 3, "abadan": 1}
    assert (await rows(parcels, period="1398", by="lane", product="amanat")).keys() == {
        "abadan>dezful"
    }
    days = await rows(parcels, period="1398-01-11", by="day", office="kz00001")
    assert days["1398-01-11"]["previous_accepted"] == 3
    assert (await ask(parcels, period="1398-07", by="office"))["rows"] == []
    for params in (
        {"by": "office", "channel": "bank"},
        {"by": "day", "channel": "bank", "county": "ahvaz"},
        {"by": "month", "period": "1398-01-11"},
        {"office": "KZ99999"},
        {"county": "x" * 61},
        {"county": "\0"},
        {"by": "moon"},
        {"period": "1398-13"},
    ):
        await ask(parcels, status=422, **{"period": "1398", **params})
    await ask(parcels, f"{URL}/items", 422, period="1398", measure="lucky")
    await ask(parcels, f"{URL}/items", 422, period="1398", cursor="WzFd")
    for url in (URL, f"{URL}/items"):
        asked = {"period": "1398"}
        assert (await parcels.client.get(url, params=asked)).status_code == 401
        shop = await parcels.client.get(url, params=asked, headers=parcels.shop())
        assert shop.status_code == 403

    answer = await parcels.client.get(
        f"{URL}?period=1398&by=lane&format=csv", headers=parcels.api.headers("reports:read")
    )
    lines = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert 'filename="transit-lane-1398.csv"' in answer.headers["content-disposition"]
    assert (lines[0]["key"], lines[0]["accepted"]) == ("dezful>dezful", "3")
    empty = await parcels.client.get(
        f"{URL}?period=1380&by=lane&format=csv", headers=parcels.api.headers("reports:read")
    )
    assert empty.text.splitlines()[0].split(",")[:5] == list(lines[0])[:5]

    day = tehran_date(parcels.api.clock.now())
    async with parcels.api.database.transaction() as session:
        lane = await service.history(session, "dezful", "dezful", None, day)
        none = await service.history(session, "dezful", "dezful", None, day - timedelta(days=30))
    assert (lane.delivered, lane.mean_hours, none.delivered) == (3, 20.0, 0)


async def test_late_scans_returns_and_changes_move_figures(parcels: Parcels) -> None:
    """Whatever changes an item after it was counted, the roll-ups equal a recount."""
    parcels.api.clock.at += timedelta(days=40)
    first, second, third = await parcels.booked(3)
    at = -20 * DAY
    await deliver(parcels, [first, second], "KZ00001", at, 30)
    await clean(parcels)
    assert (await ask(parcels, period="1398"))["total"]["delivered"] == 2
    # a delivery that was earlier than the one that is known, and an acceptance the day before
    await parcels.results(
        parcels.one(first, "delivered", at + 60 * 5, office="KZ00001"),
        parcels.one(second, "acceptance", at - DAY, office="KZ00001"),
        more=BACKFILL,
    )
    await clean(parcels)
    items = (await ask(parcels, f"{URL}/items", period="1398", measure="delivered"))["items"]
    assert {one["barcode"]: one["transit_minutes"] for one in items} == {
        first: 5 * 60,
        second: 54 * 60,
    }
    # the way back is no transit, and the last end is the one that counts
    way = [("acceptance", at), ("return_started", at + 100), ("returned", at + 200)]
    for event, minutes in way:
        await parcels.results(parcels.one(third, event, minutes), more=BACKFILL)
    await clean(parcels)
    total = (await ask(parcels, period="1398"))["total"]
    assert (total["delivered"], total["returned"], total["mean_hours"]) == (2, 1, 29.5)
    await parcels.results(parcels.one(third, "delivered", at + 150), more=BACKFILL)
    await clean(parcels)
    total = (await ask(parcels, period="1398"))["total"]
    assert (total["delivered"], total["returned"]) == (3, 0)


async def test_a_day_long_before_any_period(parcels: Parcels) -> None:
    """Physical facts are never refused, so a backfill may say anything: nothing stops counting."""
    [barcode] = await parcels.booked()
    early: dict[str, Any] = {"occurred_at": "1000-01-02T00:00:00Z"}
    await parcels.results(parcels.one(barcode, "acceptance", **early), more=BACKFILL)
    await parcels.results(parcels.one(barcode, "delivered"))
    await clean(parcels)
    total = (await ask(parcels, period="1398"))["total"]
    assert (total["accepted"], total["delivered"], total["p99_hours"]) == (0, 1, 720)


async def test_another_promise_or_destination_moves_figures(parcels: Parcels) -> None:
    """Told by events that name the item and no more: what it counts as is read from its row."""
    parcels.api.clock.at += timedelta(days=20)
    [barcode] = await parcels.booked()
    await deliver(parcels, [barcode], "KZ00001", -9 * DAY, 20)
    await clean(parcels)
    assert (await ask(parcels, period="1398"))["total"]["promised"] == 1
    now = parcels.api.clock.now()
    for kind, change in (
        ("parcel.promise_changed", "promised_at = accepted_at + interval '19 hours'"),
        ("parcel.redirected", "to_town = 'abadan'"),
    ):
        async with parcels.api.database.transaction() as session:
            await session.execute(text(f"UPDATE parcel SET {change}"))
            await outbox.append(session, kind, {"items": [{"barcode": barcode}]}, time=now)
        await clean(parcels)
    (row,) = (await ask(parcels, period="1398", by="lane"))["rows"]
    assert row["key"] == "dezful>abadan"
    assert (row["accepted"], row["promised"], row["within_promise"]) == (1, 1, 0)
    found = (await ask(parcels, row["items"], measure="late"))["items"]
    assert [one["barcode"] for one in found] == [barcode]


async def test_a_page_consumed_again_and_a_recount_change_nothing(parcels: Parcels) -> None:
    await parcels.follow(office_event(3, kind="sorting_centre", version=2))
    await two_years(parcels)
    await roll_up(parcels)
    before = await ask(parcels, period="1398", by="lane")
    tasks = await ask(parcels, "/v1/statistics/tasks", period="1398")
    database = parcels.api.database
    # scans that nobody has consumed: some in the feed, some in the outbox
    fresh = await parcels.booked(4)
    await parcels.results(*(parcels.one(one, "acceptance") for one in fresh[:2]))
    await parcels.api.publish()
    await parcels.results(*(parcels.one(one, "arrival", office="KZ00003") for one in fresh))
    async with database.transaction() as session:
        for table in ("item_contribution", "transit_daily", "transit_monthly", "task_daily"):
            await session.execute(text(f"DELETE FROM {table}"))
    headers = parcels.api.headers("targets:write")
    recounts = "/v1/statistics/recounts"
    for _ in range(2):
        answer = await parcels.client.post(recounts, headers=headers)
        assert (answer.status_code, answer.json()) == (202, {"recounting": True})
    refused = await parcels.client.post(recounts, headers=parcels.api.headers("reports:read"))
    assert refused.status_code == 403
    assert (await ask(parcels, period="1398"))["as_of"] is None
    await recount_tasks(database)
    assert (await ask(parcels, "/v1/statistics/tasks", period="1398"))["rows"] == []
    await recount(database)
    assert (await ask(parcels, "/v1/statistics/tasks", period="1398")) == tasks
    await clean(parcels)
    await recount(database)  # nothing is asked for
    await parcels.client.post(recounts, headers=headers)
    await recount(database)
    await clean(parcels)
    after = await ask(parcels, period="1398", by="lane")
    known = {row["key"]: row["delivered"] for row in before["rows"]}
    assert {row["key"]: row["delivered"] for row in after["rows"]} == known
    assert after["total"]["accepted"] == before["total"]["accepted"] + len(fresh)


async def test_a_foreign_number_and_an_office_unknown(parcels: Parcels) -> None:
    """An S10 number's lives are found by it; what no office took counts as from abroad."""
    code = "RB123456785GB"
    for days in (-800, 0):
        scans = [
            parcels.one(code, "arrival", days * DAY),
            parcels.one(code, "delivered", days * DAY + 60, office="KZ99999"),
        ]
        assert set(await parcels.results(*scans, more=BACKFILL)) == {"recorded"}
    await clean(parcels)
    (item,) = (await ask(parcels, f"{URL}/items", period="1398", direction="incoming"))["items"]
    assert (item["barcode"], item["origin_office"], item["county"]) == (code, None, "abroad")
    both = [await ask(parcels, period=year) for year in ("1395", "1398")]
    assert [one["total"]["delivered"] for one in both] == [1, 1]


async def test_the_day_that_only_a_leap_year_has(parcels: Parcels) -> None:
    """30 Esfand 1399 is compared with the 29th of the year before, which the total has once."""
    for day in ("2020-03-19", "2021-03-19", "2021-03-20"):
        [barcode] = await parcels.booked()
        at = f"{day}T08:00:00Z"
        scan = parcels.one(barcode, "acceptance", occurred_at=at)
        parcels.api.clock.at = max(parcels.api.clock.at, datetime.fromisoformat(at))
        assert await parcels.results(scan, more=BACKFILL) == ["recorded"]
    await clean(parcels)
    body = await ask(parcels, period="1399-12", by="day")
    found = {row["key"]: (row["accepted"], row["previous_accepted"]) for row in body["rows"]}
    assert found == {"1399-12-29": (1, 1), "1399-12-30": (1, 1)}
    assert (body["total"]["accepted"], body["total"]["previous_accepted"]) == (2, 1)


async def test_counting_while_scans_come_in(parcels: Parcels) -> None:
    """A recount, a second consumer and late scans at once: each item counts once in the end."""
    parcels.api.clock.at += timedelta(days=20)
    barcodes = await parcels.booked(40)
    await parcels.results(*(parcels.one(one, "acceptance", -9 * DAY) for one in barcodes))
    await roll_up(parcels)

    async def scans(part: list[str], start: float) -> None:
        for event, minutes in (("departure", 0), ("delivered", 300), ("acceptance", -2 * DAY)):
            sent = [parcels.one(one, event, start + minutes) for one in part]
            await parcels.results(*sent, more=BACKFILL)

    async def counting() -> None:
        for _ in range(4):
            await parcels.client.post(
                "/v1/statistics/recounts", headers=parcels.api.headers("targets:write")
            )
            await recount(parcels.api.database)
            with contextlib.suppress(CursorMovedError):  # the other one was first
                await roll_up(parcels)

    await asyncio.gather(
        scans(barcodes[:20], -8 * DAY), scans(barcodes[20:], -7 * DAY), counting(), counting()
    )
    await recount(parcels.api.database)
    await clean(parcels)
    total = (await ask(parcels, period="1398"))["total"]
    assert (total["accepted"], total["delivered"]) == (40, 40)


async def test_what_went_to_another_post_is_outgoing_at_once(parcels: Parcels) -> None:
    """Also where it is known only after the acceptance was counted."""
    bags, exchange = Bags(parcels), Exchange(parcels)
    await parcels.follow(office_event(2, kind="sorting_centre", version=2))
    packed, late, stays = await accepted(parcels, 3)
    bag = await closed(bags, packed)
    await exchange.operator()
    await exchange.hand_over(await exchange.dispatch(bag), "R-1")
    await roll_up(parcels)
    before = await rows(parcels, period="1398", by="direction")
    assert {key: row["accepted"] for key, row in before.items()} == {"outgoing": 1, "domestic": 2}
    assert await bags.pack(bag, bags.packing(late, -45)) == ["recorded"]
    await roll_up(parcels)
    after = await rows(parcels, period="1398", by="direction")
    assert {key: row["accepted"] for key, row in after.items()} == {"outgoing": 2, "domestic": 1}
    found = await ask(parcels, f"{URL}/items", period="1398", direction="domestic")
    assert [item["barcode"] for item in found["items"]] == [stays]
