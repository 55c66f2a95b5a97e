"""From a figure down to its items, and out as a file."""

import csv
import io
import zipfile
from datetime import timedelta
from typing import Any, Final
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.parcels.transit.domain import ID_MAX, Range, cursor_after, ranges_of
from shared.errors import Invalid
from tests.services.parcels.conftest import Parcels
from tests.services.parcels.statistics.test_routes import runner

URL = "/v1/statistics/volumes"
SHEET: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
COLUMNS = (
    *("period", "previous", "as_of", "product", "channel"),
    *("count", "previous_count", "growth_percent"),
)
FIGURES = {
    "1397": 4,
    "1398": 11,
    "1398-H1": 11,
    "1397-12-29": 4,
    "1398-01-01": 8,
    "1398-01-02": 3,
    "1398-02": 0,
}


async def ask(parcels: Parcels, url: str, **params: Any) -> Any:
    headers = parcels.api.headers("reports:read")
    answer = await parcels.client.get(url, params=params, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def down(parcels: Parcels, **params: Any) -> list[dict[str, Any]]:
    """All pages of a figure's items."""
    page = await ask(parcels, f"{URL}/items", limit=3, **params)
    found: list[dict[str, Any]] = page["items"]
    while page["next"]:
        page = await ask(parcels, f"{URL}/items", limit=3, cursor=page["next"], **params)
        assert page["items"]
        found += page["items"]
    return found


async def three_days(parcels: Parcels) -> list[str]:
    """Acceptances of three products over three days about new year, and a foreign item; counted."""
    barcodes: list[str] = []
    for product in ("pishtaz", "amanat", "adi"):
        barcodes += await parcels.booked(5, product=product)
    parcels.api.clock.at += timedelta(days=1)
    minutes = (-60 * 24 * 2, -60 * 24, -60 * 13, 0)
    scans = [
        parcels.one(barcode, "acceptance", minutes[n % len(minutes)])
        for n, barcode in enumerate(barcodes[:-1])
    ]
    foreign = parcels.one("RB123456785GB", "arrival", -60 * 24)
    assert set(await parcels.results(*scans, foreign)) == {"recorded"}
    await parcels.api.publish()
    run = runner(parcels)
    while await run.step():
        pass
    return barcodes


@pytest.mark.anyio
class TestItems:
    async def test_every_figure_has_as_many_items_as_it_counts(self, parcels: Parcels) -> None:
        await three_days(parcels)
        for period, count in FIGURES.items():
            figures = await ask(parcels, URL, period=period)
            items = await down(parcels, period=period)
            assert len(items) == figures["total"]["count"] == count
            for row in figures["rows"]:
                kind = {"product": row["product"], "channel": row["channel"]}
                found = await down(parcels, period=period, **kind)
                assert len(found) == row["count"]
                assert all(item.items() >= kind.items() for item in found)
            assert len({item["barcode"] for item in items}) == count

    async def test_shows_the_item_as_it_is_now(self, parcels: Parcels) -> None:
        [barcode] = await parcels.booked()
        await parcels.results(parcels.one(barcode, "acceptance"))
        parcels.api.clock.at += timedelta(days=40)
        await parcels.results(parcels.one(barcode, "delivered"))
        page = await ask(parcels, f"{URL}/items", period="1398-01-01", channel="ecommerce")
        assert page == {
            "items": [
                {
                    "barcode": barcode,
                    "product": "pishtaz",
                    "channel": "ecommerce",
                    "status": "delivered",
                    "origin_office": "KZ00001",
                    "accepted_at": "2019-03-21T08:00:00Z",
                }
            ],
            "next": None,
        }
        assert (await ask(parcels, f"{URL}/items", period="1398-02"))["items"] == []

    async def test_refusals(self, parcels: Parcels) -> None:
        url = f"{URL}/items"
        good = parcels.api.headers("reports:read")
        for params in (
            {},
            {"period": "1397-13"},
            {"period": "1397", "product": "gold"},
            {"period": "1397", "cursor": "WzFd"},  # [1]
            {"period": "1397", "cursor": "WyJ4IiwxXQ"},  # ["x",1]
        ):
            assert (await parcels.client.get(url, params=params, headers=good)).status_code == 422
        asked = {"period": "1397"}
        assert (await parcels.client.get(url, params=asked)).status_code == 401
        shop = await parcels.client.get(url, params=asked, headers=parcels.shop())
        assert shop.status_code == 403


@pytest.mark.anyio
async def test_filters_and_csv(parcels: Parcels) -> None:
    await three_days(parcels)
    one = await ask(parcels, URL, period="1398", product="amanat", channel="ecommerce")
    assert [row["product"] for row in one["rows"]] == ["amanat"]
    assert one["total"]["count"] == one["rows"][0]["count"]
    assert (await ask(parcels, URL, period="1398", channel="bank"))["rows"] == []

    everything = await ask(parcels, URL, period="1398")
    answer = await parcels.client.get(
        f"{URL}?period=1398&format=csv", headers=parcels.api.headers("reports:read")
    )
    assert answer.headers["content-type"].startswith("text/csv")
    assert 'filename="volumes-1398.csv"' in answer.headers["content-disposition"]
    lines = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert [(line["product"], line["channel"], int(line["count"])) for line in lines] == [
        (row["product"], row["channel"], row["count"]) for row in everything["rows"]
    ]
    assert {line["as_of"] for line in lines} == {"2019-03-22T08:00:00+00:00"}


@pytest.mark.anyio
async def test_xlsx(parcels: Parcels) -> None:
    """Read back from its parts: the header, then a row a product with its numbers as numbers."""
    await three_days(parcels)
    rows = (await ask(parcels, URL, period="1398"))["rows"]
    answer = await parcels.client.get(
        f"{URL}?period=1398&format=xlsx", headers=parcels.api.headers("reports:read")
    )
    assert answer.status_code == 200
    assert answer.headers["content-type"].endswith("spreadsheetml.sheet")
    assert 'filename="volumes-1398.xlsx"' in answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as parts:
        shared = ET.fromstring(parts.read("xl/sharedStrings.xml"))  # noqa: S314 - ours
        sheet = ET.fromstring(parts.read("xl/worksheets/sheet1.xml"))  # noqa: S314 - ours
    words = [text.text for text in shared.iter(f"{SHEET}t")]

    def value(cell: ET.Element) -> Any:
        number = cell.findtext(f"{SHEET}v")
        assert number is not None
        return words[int(number)] if cell.get("t") == "s" else float(number)

    table = [[value(cell) for cell in row] for row in sheet.iter(f"{SHEET}row")]
    assert tuple(table[0]) == COLUMNS
    assert [tuple(row[3:6]) for row in table[1:]] == [
        (row["product"], row["channel"], row["count"]) for row in rows
    ]


class TestRanges:
    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.integers(0, 60), min_size=2, max_size=18), st.integers(0, 60))
    def test_a_cursor_holds_what_lies_beyond(self, ends: list[int], item_id: int) -> None:
        ends = ends[: len(ends) // 2 * 2]
        ranges = [Range(*pair) for pair in zip(ends[::2], ends[1::2], strict=True)]
        left = ranges_of(cursor_after(ranges, item_id))
        ids = {n for one in ranges for n in range(one.first, one.last + 1)}
        beyond = {n for one in left for n in range(one.first, one.last + 1)}
        assert beyond == {n for n in ids if n > item_id}

    @pytest.mark.parametrize(
        "cursor", [[1], [1, -1], [1, ID_MAX + 1], [1, "2"], [True, 2], [1.0, 2], [1] * 20]
    )
    def test_a_made_up_cursor_is_refused(self, cursor: list[Any]) -> None:
        with pytest.raises(Invalid):
            ranges_of(cursor)
