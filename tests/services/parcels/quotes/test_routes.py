"""Quotes through the API: what they explain, on which day, and how long they hold."""

from datetime import timedelta
from typing import Any

import pytest

from services.parcels.quotes import service
from tests.factories.tariffs import SURCHARGES, draft, rate, rates
from tests.services.parcels.conftest import OTHER_SHOP, Parcels

pytestmark = pytest.mark.anyio

ASKED = {"product": "pishtaz", "weight_g": 450, "destination_province": "khuzestan"}


async def quote(parcels: Parcels, **changes: Any) -> Any:
    answer = await parcels.client.post("/v1/quotes", json=ASKED | changes)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def publish(parcels: Parcels, **changes: Any) -> None:
    """A tariff from now on, in every cache."""
    wanted = draft(valid_from="2019-03-21") | changes
    staff = parcels.api.headers("tariff:write", "backfill", kind="staff")
    made = await parcels.client.post("/v1/tariff-drafts", json=wanted, headers=staff)
    assert made.status_code == 201, made.text
    url = f"/v1/tariff-drafts/{wanted['code']}/publish"
    assert (await parcels.client.post(url, headers=staff)).status_code == 200
    parcels.api.app.state.runtime.caches.clear()


async def test_the_example_tariff_costs_what_it_always_did(parcels: Parcels) -> None:
    """The published express table of 1395, surcharges and VAT not among it."""
    for weight_g, province, price in (
        (450, "khuzestan", 57_500),
        (501, "ilam", 100_000),
        (2000, "tehran", 140_000),
        (2001, "tehran", 165_000),
    ):
        body = await quote(
            parcels,
            weight_g=weight_g,
            destination_province=province,
            cod_rials=10**9,
            declared_value_rials=10**9,
            origin_town="ahvaz",
            destination_town="ahvaz",
        )
        assert (body["price_rials"], body["tariff_version"]) == (price, "1395-example")
        assert sum(line["amount_rials"] for line in body["lines"]) == price
    assert body["lines"][1]["fa"] == "۱ کیلوگرم بیشتر، هر یک ۲۵٬۰۰۰ ریال"
    assert body["lines"][0]["en"] == "express, to another province, up to 2000 g"


async def test_a_quote_explains_itself_line_by_line(parcels: Parcels) -> None:
    await publish(parcels, adds_vat=True, surcharges=SURCHARGES)
    body = await quote(
        parcels,
        weight_g=1500,
        declared_value_rials=10_000_000,
        cod_rials=2_000_000,
        advice_of_delivery=True,
        pickup=True,
        length_mm=400,
        width_mm=1001,
        height_mm=10,
    )
    assert {line["code"]: line["amount_rials"] for line in body["lines"]} == {
        "postage": 60_000,
        "further_kg": 10_000,
        "declared_value": 11_000,
        "cod": 25_000,
        "advice_of_delivery": 6_000,
        "pickup": 20_000,
        "oversize": 30_000,
        "vat": 14_580,  # 9% of 162,000
    }
    assert body["price_rials"] == 176_580
    words = {line["code"]: (line["fa"], line["en"]) for line in body["lines"]}
    assert words["vat"][1] == "VAT, 9% of 162,000 rials"
    assert words["declared_value"] == (
        "حق بیمهٔ ارزش اظهارشده، ۱٬۰۰۰ ریال و ۰٫۵٪ از ۲٬۰۰۰٬۰۰۰ ریال",
        "declared value, 1,000 rials and 0.5% of 2,000,000 rials",
    )
    plain = await quote(parcels, declared_value_rials=8_000_000)
    assert [line["code"] for line in plain["lines"]] == ["postage", "vat"]


async def test_zones(parcels: Parcels) -> None:
    more = [rate("pishtaz", "urban", 500, 30_000), rate("pishtaz", "international", 500, 900_000)]
    await publish(parcels, rates=[*rates(), *more])
    town = {"origin_town": "ahvaz", "destination_town": "ahvaz"}
    abroad = {"destination_province": None, "destination_country": "TR"}
    for changes, distance, price in (
        (town, "urban", 30_000),
        (town | {"product": "adi"}, "intra_province", 50_000),
        (town | {"destination_town": "dezful"}, "intra_province", 50_000),
        (town | {"destination_province": "ilam"}, "adjacent", 70_000),
        ({"destination_province": "yazd"}, "other", 90_000),
        (abroad, "international", 900_000),
    ):
        body = await quote(parcels, **changes)
        assert (body["distance_class"], body["price_rials"]) == (distance, price)
    heavy = await parcels.client.post("/v1/quotes", json=ASKED | abroad | {"weight_g": 501})
    assert (heavy.status_code, heavy.json()["code"]) == (409, "no_tariff")
    # a booking goes by the same zones, whether the town is written by its slug or its name
    recipient = parcels.order()["recipient"]
    for written, price in (("دزفول", 30_000), ("dezful", 30_000), ("ahvaz", 50_000)):
        sent = {"origin_office": "KZ00001", "recipient": recipient | {"town": written}}
        assert (await parcels.book(**sent)).json()["price_rials"] == price


async def test_what_it_would_have_cost_on_a_day(parcels: Parcels) -> None:
    await publish(parcels)
    query = "&".join(f"{name}={value}" for name, value in ASKED.items())
    for day, price, version in (
        ("2019-03-20", 57_500, "1395-example"),
        ("2019-03-21", 50_000, "1398-02"),
        ("۲۰۱۶-۰۳-۲۰", 57_500, "1395-example"),
    ):
        body = await quote(parcels, on=day)
        assert (body["price_rials"], body["tariff_version"]) == (price, version)
        assert (await parcels.client.get(f"/v1/quotes?{query}&on={day}")).json() == body
    before = await parcels.client.get(f"/v1/quotes?{query}&on=2016-03-19")
    assert (before.status_code, before.json()["code"]) == (409, "no_tariff")
    assert (await parcels.client.get(f"/v1/quotes?{query}&lock=true")).status_code == 422
    assert (await parcels.client.get(f"/v1/quotes?{query}&colour=red")).status_code == 422


async def test_what_cannot_be_priced_is_refused(parcels: Parcels) -> None:
    for changes in (
        {"destination_province": None},
        {"destination_country": "TR"},
        {"destination_province": None, "destination_country": "IR"},
        {"length_mm": 10},
        {"lock": True, "on": "2019-01-01"},
        {"on": 5},
        {"destination_town": "\x00"},
    ):
        answer = await parcels.client.post("/v1/quotes", json=ASKED | changes)
        assert answer.status_code == 422, changes


async def test_a_held_price_outlives_the_tariff_but_not_its_day(parcels: Parcels) -> None:
    shop = parcels.shop()
    asked = ASKED | {"lock": True, "cod_rials": 1_000, "pickup": True}
    headers = shop | {"Idempotency-Key": "q1"}
    held = await parcels.client.post("/v1/quotes", json=asked, headers=headers)
    again = await parcels.client.post("/v1/quotes", json=asked, headers=headers)
    assert (held.status_code, again.content) == (201, held.content)
    body = held.json()
    assert held.headers["location"] == f"/v1/quotes/{body['id']}"
    assert (await parcels.client.get(f"/v1/quotes/{body['id']}", headers=shop)).json() == body
    other = await parcels.client.get(f"/v1/quotes/{body['id']}", headers=parcels.shop(OTHER_SHOP))
    assert (other.status_code, other.json()["code"]) == (404, "quote_not_found")
    (event,) = await parcels.api.events("quote.held")
    assert event["data"]["quote"]["price_rials"] == 57_500

    await publish(parcels, surcharges=SURCHARGES)
    same = {"cod_rials": 1_000, "pickup": True, "quote": body["id"]}
    booked = (await parcels.book(**same)).json()
    assert (booked["price_rials"], booked["tariff_version"]) == (57_500, "1395-example")
    assert (await parcels.book(cod_rials=1_000, pickup=True)).json()["price_rials"] == 75_010
    refused = await parcels.book(**(same | {"pickup": False, "weight_g": 451}))
    assert (refused.status_code, refused.json()["code"]) == (409, "quote_mismatch")
    assert "weight_g, pickup" in refused.json()["detail"]
    stranger = await parcels.book(sub=OTHER_SHOP, **same)
    assert (stranger.status_code, stranger.json()["errors"][0]["field"]) == (422, "body.quote")
    # in a batch beside others, plain and not
    orders = [parcels.order(**same), parcels.order(), parcels.order(quote=body["id"])]
    batch = (await parcels.batch(orders)).json()["results"]
    prices = [r["parcel"]["price_rials"] if r["status"] == 201 else r["status"] for r in batch]
    assert prices == [57_500, 50_000, 409]
    rows = await parcels.api.database.hot.fetch("SELECT pickup, quote FROM parcel_terms")
    assert sorted((row["pickup"], str(row["quote"])) for row in rows) == sorted(
        [(True, body["id"]), (True, "None"), (True, body["id"])]
    )
    parcels.api.clock.at += timedelta(hours=24)
    late = await parcels.book(**same)
    assert (late.status_code, late.json()["code"]) == (409, "quote_expired")


async def test_holding_needs_an_account(parcels: Parcels) -> None:
    asked = ASKED | {"lock": True}
    assert (await parcels.client.post("/v1/quotes", json=asked)).status_code == 401
    reader = parcels.api.headers("parcels:read")
    assert (await parcels.client.post("/v1/quotes", json=asked, headers=reader)).status_code == 403


async def test_old_quotes_are_forgotten_by_the_worlds_clock(parcels: Parcels) -> None:
    api, shop = parcels.api, parcels.shop()
    made = await parcels.client.post("/v1/quotes", json=ASKED | {"lock": True}, headers=shop)
    url = made.headers["location"]
    for days, status in ((90, 200), (2, 404)):
        api.clock.at += timedelta(days=days)
        await service.forget_old(api.database, api.clock)
        assert (await parcels.client.get(url, headers=shop)).status_code == status
