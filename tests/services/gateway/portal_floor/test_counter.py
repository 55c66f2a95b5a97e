"""A clerk's pages over ASGI, with real sisters behind them."""

import uuid
from typing import Any

import pytest

from tests.services.gateway.portal_floor.conftest import OFFICE, Floor
from tests.services.parcels.cash import Cash

pytestmark = pytest.mark.anyio
CLERK = ("parcels:book", "parcels:read", "scans:write")
HERE = "/portal/counter"
FORM = {
    "product": "pishtaz",
    "weight_g": "۱٬۲۵۰",
    "recipient_name": "مریم احمدی",
    "recipient_phone": "09123456789",
    "recipient_address": "دزفول، خیابان شریعتی",
    "recipient_postal_code": "6461843337",
    "province": "khuzestan",
    "town": "dezful",
    "sender_name": "فروشگاه کارون",
    "sender_phone": "06133334444",
    "sender_address": "اهواز، خیابان نادری",
    "payer": "counter_cash",
}


async def test_book_and_accept_at_the_price_that_was_shown(floor: Floor) -> None:
    clerk = await floor.staff(*CLERK)
    assert "You have booked no parcel yet" in await clerk.get(HERE)
    await clerk.get(f"{HERE}/book")
    key = clerk.hidden("key")

    wrong = FORM | {"weight_g": "heavy"}
    assert "heavy" in await clerk.post(f"{HERE}/book", **wrong, key=key, do="price")
    assert clerk.status == 422
    assert 'id="weight_g-error"' in clerk.page
    wrong = FORM | {"recipient_phone": "12"}

    page = await clerk.post(f"{HERE}/book", **FORM, key=key, do="price")
    shown = clerk.hidden("shown_rials")
    assert clerk.hidden("key") == key
    assert int(shown) > 0
    assert f"{int(shown):,} rials" in page
    assert page.count("<dd>") >= 2  # its lines and their sum

    stale = FORM | {"weight_g": "2001", "shown_rials": shown}  # of the next step
    moved = await clerk.post(f"{HERE}/book", **stale, key=key, do="book")
    assert "Look at the new price" in moved
    refused = wrong | {"shown_rials": shown}
    assert 'id="recipient_phone-error"' in await clerk.post(
        f"{HERE}/book", **refused, key=key, do="book"
    )

    for _ in range(2):  # a double click
        await clerk.post(f"{HERE}/book", **FORM, key=key, do="book", shown_rials=shown)
        assert "Booked and accepted" in clerk.page
    barcode = clerk.at.rpartition("/")[2]
    assert (await clerk.get(HERE)).count('/label"') == 1
    label = await clerk.client.get(f"{HERE}/parcels/{barcode}/label")
    assert label.headers["content-type"] == "application/pdf"
    assert label.content.startswith(b"%PDF")
    events = await floor.parcels.api.database.hot.fetch("SELECT event FROM scan_event")
    assert [row["event"] for row in events] == [10]


async def test_accept_what_was_booked_elsewhere(floor: Floor) -> None:
    clerk = await floor.staff(*CLERK)
    (barcode,) = await floor.parcels.booked(1)
    await clerk.get(HERE)

    async def accept(code: str) -> str:
        return await clerk.post(f"{HERE}/accept", code=code, key=str(uuid.uuid4()))

    typed = " ".join(barcode[n : n + 4] for n in range(0, 24, 4))
    assert 'data-result="recorded"' in await accept(typed)
    assert (await floor.parcels.get(barcode))["status"] == "accepted"
    again = await accept(barcode)
    assert 'data-result="already"' in again
    assert (await floor.parcels.get(barcode))["version"] == 2
    assert 'data-result="malformed"' in await accept("6100")
    assert 'data-result="unknown"' in await accept("610000000000000042731729")
    foreign = await floor.parcels.get("RB123456785GB")
    assert foreign["status"] == 404
    assert 'data-result="recorded"' in await accept("RB123456785GB")

    two = await floor.parcels.booked(2)
    headers = floor.parcels.shop()
    made = await floor.parcels.client.post(
        "/v1/manifests", json={"office": OFFICE, "barcodes": two}, headers=headers
    )
    code = made.json()["code"]
    await accept(code)
    assert clerk.at == f"{HERE}/manifests/{code}"
    path, key = clerk.at, clerk.hidden("key")
    short = await clerk.post(path, pieces="۱", key=key)
    assert clerk.status == 409
    assert "Scan them all" in short
    done = await clerk.post(path, pieces="1", barcodes=two[0], key=key)
    assert "1 of 2 parcels were accepted" in done
    assert two[1] in done


async def test_hand_over_bags_and_who_may_not(floor: Floor) -> None:
    clerk = await floor.staff(*CLERK)
    bags = [await _closed_bag(floor) for _ in range(2)]
    page = await clerk.get(f"{HERE}/handover")
    assert all(bag in page for bag in bags)
    key = clerk.hidden("key")
    done = await clerk.post(f"{HERE}/handover", code=bags[0], trip="AHV-DEZ-1", key=key)
    assert done.count('data-result="recorded"') == 1
    assert f'value="{bags[0]}"' not in done
    again = await clerk.post(f"{HERE}/handover", bag=bags, key=key)
    assert again.count('data-result="recorded"') == 1
    assert "There is no closed bag" in again

    assert (await clerk.get(f"{HERE}/cash")).find("role") > 0
    assert clerk.status == 403
    courier = await floor.staff("delivery:write")
    await courier.get(HERE)
    assert courier.status == 403
    nobody = await floor.staff(*CLERK, office=None)
    assert "Which office?" in await nobody.get(HERE)
    await nobody.get(f"/portal/sorting?office={OFFICE}")
    assert "Counter" in await nobody.get(HERE)
    nobody.client.cookies.clear()
    await nobody.get(HERE)
    assert nobody.at == "/portal/sign-in"


async def _closed_bag(floor: Floor) -> str:
    headers = floor.parcels.clerk()
    body: dict[str, Any] = {"from_office": OFFICE, "to_office": "KZ00002"}
    made = await floor.parcels.client.post("/v1/bags", json=body, headers=headers)
    bag: str = made.json()["bag"]
    scan = {"bag": bag, "event": "closed", "event_id": str(uuid.uuid4()), "office": OFFICE}
    scan["occurred_at"] = floor.parcels.api.clock.now().isoformat()
    sent = {"scans": [scan]}
    assert (await floor.parcels.client.post("/v1/bag-scans", json=sent, headers=headers)).is_success
    return bag


async def test_close_the_days_cash_with_its_difference(floor: Floor) -> None:
    clerk = await floor.staff("cash:count")
    cash = Cash(floor.parcels)
    await cash.delivered(2, 70_000)
    here = f"{HERE}/cash"
    await clerk.get(here)
    taken = {"do": "hand-in", "collector": "00000000-0000-7000-8000-0000000000c1"}
    taken |= {"receipt": "۱۲", "handed_rials": "۱۴۰٬۰۰۰", "key": str(uuid.uuid4())}
    page = await clerk.post(here, **taken)
    assert "140,000 rials counted, 140,000 expected" in page

    day = {"do": "close", "day": "2019-03-21", "key": clerk.hidden("key")}
    page = await clerk.post(here, **day, counted_rials="139000")
    assert clerk.status == 409
    assert "Count again, or write why" in page
    assert 'value="139000"' in page
    assert clerk.hidden("key") == day["key"]
    page = await clerk.post(here, **day, counted_rials="139000", note="coins")
    assert "1,000 rials were missing" in page
    assert "coins" in page
    closes = await cash.get(f"/v1/drawers/{OFFICE}/closes")
    assert [one["difference_rials"] for one in closes["items"]] == [-1_000]
