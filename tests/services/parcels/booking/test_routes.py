"""Booking through the API."""

import asyncio
import json
import uuid
from typing import Any

import pytest

from services.parcels.network import service as network
from shared.identifiers import item_id_fast
from tests.services.parcels.conftest import OTHER_SHOP, Parcels, office_event

pytestmark = pytest.mark.anyio


class TestBook:
    async def test_a_booking_has_a_barcode_a_price_and_an_event(self, parcels: Parcels) -> None:
        answer = await parcels.book(reference="A-1")
        assert answer.status_code == 201
        body = answer.json()
        assert item_id_fast(body["barcode"]) is not None
        assert answer.headers["location"] == f"/v1/parcels/{body['barcode']}"
        assert (body["status"], body["price_rials"]) == ("booked", 57_500)
        assert await parcels.get(body["barcode"]) == body
        (event,) = await parcels.api.events("parcel.booked")
        (item,) = event["data"]["items"]
        assert (item["barcode"], item["reference"], item["version"]) == (body["barcode"], "A-1", 1)
        assert "مریم" not in json.dumps(event, ensure_ascii=False)

    async def test_the_same_key_has_one_effect_and_one_answer(self, parcels: Parcels) -> None:
        first = await parcels.book("k1")
        again = await parcels.book("k1")
        assert (again.status_code, again.content) == (201, first.content)
        assert again.headers["location"] == first.headers["location"]
        other = await parcels.book("k1", weight_g=900)
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
        assert len(await parcels.api.events("parcel.booked")) == 1

    async def test_keys_are_each_callers_own(self, parcels: Parcels) -> None:
        first = await parcels.book("k1")
        other = await parcels.book("k1", sub=OTHER_SHOP)
        assert other.status_code == 201
        assert other.json()["barcode"] != first.json()["barcode"]

    async def test_a_hundred_at_once_with_one_key_book_once(self, parcels: Parcels) -> None:
        answers = await asyncio.gather(*(parcels.book("k1") for _ in range(100)))
        assert {a.status_code for a in answers} <= {201, 409}
        assert len({a.content for a in answers if a.status_code == 201}) == 1
        assert {a.json()["code"] for a in answers if a.status_code == 409} <= {
            "idempotency_key_in_flight"
        }
        (event,) = await parcels.api.events("parcel.booked")
        assert len(event["data"]["items"]) == 1

    async def test_a_key_is_required(self, parcels: Parcels) -> None:
        answer = await parcels.client.post(
            "/v1/parcels", json=parcels.order(), headers=parcels.shop()
        )
        assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")

    async def test_a_reference_is_unique_among_live_bookings(self, parcels: Parcels) -> None:
        first = (await parcels.book(reference="R")).json()
        second = await parcels.book(reference="R")
        assert (second.status_code, second.json()["code"]) == (409, "reference_in_use")
        assert first["barcode"] in second.json()["detail"]
        assert (await parcels.book(reference="R", sub=OTHER_SHOP)).status_code == 201
        url = f"/v1/parcels/{first['barcode']}/cancel"
        assert (await parcels.client.post(url, headers=parcels.shop())).status_code == 200
        assert (await parcels.book(reference="R")).status_code == 201

    async def test_a_refusal_is_not_stored_under_its_key(self, parcels: Parcels) -> None:
        await parcels.follow(office_event(1, status="suspended", version=2))
        refused = await parcels.book("k1")
        assert (refused.status_code, refused.json()["code"]) == (409, "office_not_active")
        await parcels.follow(office_event(1, version=3))
        assert (await parcels.book("k1")).status_code == 201

    async def test_an_older_office_event_changes_nothing(self, parcels: Parcels) -> None:
        await parcels.follow(office_event(1, status="suspended", version=5))
        await parcels.follow(office_event(1, status="active", version=4))
        assert (await parcels.book()).status_code == 409

    async def test_occurred_at_needs_the_scope_backfill(self, parcels: Parcels) -> None:
        at = "2018-03-21T08:00:00Z"
        assert (await parcels.book(occurred_at=at)).status_code == 403
        answer = await parcels.book(occurred_at=at, more=("backfill",))
        assert answer.json()["booked_at"] == at
        events = await parcels.api.events("parcel.booked")
        assert [i["backfill"] for e in events for i in e["data"]["items"]] == [True]

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"weight_g": 0}, "body.weight_g"),
            ({"weight_g": 30_001}, "body.weight_g"),
            ({"product": "rocket"}, "body.product"),
            ({"origin_office": "KZ99999"}, "body.origin_office"),
            ({"surprise": 1}, "body.surprise"),
            ({"reference": "a\0b"}, "body.reference"),
            ({"cod_rials": 1.5}, "body.cod_rials"),
            ({"occurred_at": "2019-01-01T00:00:00"}, "body.occurred_at"),
        ],
    )
    async def test_bad_input_names_the_field(
        self, parcels: Parcels, change: dict[str, Any], field: str
    ) -> None:
        answer = await parcels.book(**change)
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["errors"][0]["field"] == field

    async def test_persian_digits_are_read(self, parcels: Parcels) -> None:
        order = parcels.order(origin_office="KZ۰۰۰۰۱")
        order["recipient"]["postal_code"] = "۶۴۶۱۸۴۳۳۳۷"
        order["recipient"]["phone"] = "۰۹۱۲۳۴۵۶۷۸۹"
        answer = await parcels.client.post(
            "/v1/parcels", json=order, headers=parcels.shop() | {"Idempotency-Key": "p"}
        )
        assert answer.status_code == 201

    @pytest.mark.parametrize(
        "body", [b"{", b'{"a": "\xff"}', b"[]", b'{"reference": "\\ud800"}', b""]
    )
    async def test_malformed_json_is_422(self, parcels: Parcels, body: bytes) -> None:
        headers = parcels.shop() | {"Idempotency-Key": "x", "Content-Type": "application/json"}
        answer = await parcels.client.post("/v1/parcels", content=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


class TestBatch:
    async def test_good_items_are_kept_when_others_fail(self, parcels: Parcels) -> None:
        await parcels.follow(office_event(2, status="suspended", version=2))
        await parcels.book(reference="taken")
        orders = [
            parcels.order(reference="b1"),
            parcels.order(weight_g=-1),
            parcels.order(reference="taken"),
            parcels.order(origin_office="KZ00002"),
            parcels.order(reference="twice"),
            parcels.order(reference="twice"),
            "not an object",
            parcels.order(occurred_at="2018-01-01T00:00:00Z"),
        ]
        answer = await parcels.batch(orders)
        assert answer.status_code == 200
        body = answer.json()
        assert [r["status"] for r in body["results"]] == [201, 422, 409, 409, 201, 409, 422, 403]
        assert (body["booked"], body["failed"]) == (2, 6)
        codes = [r["problem"]["code"] for r in body["results"] if "problem" in r]
        assert codes == [
            "invalid",
            "reference_in_use",
            "office_not_active",
            "reference_in_use",
            "invalid",
            "forbidden",
        ]
        _, event = await parcels.api.events("parcel.booked")
        assert [i["reference"] for i in event["data"]["items"]] == ["b1", "twice"]

    async def test_a_repeated_batch_answers_the_same_bytes(self, parcels: Parcels) -> None:
        orders = [parcels.order(reference=f"r{n}") for n in range(50)] + [{"bad": True}]
        first = await parcels.batch(orders, "k")
        again = await parcels.batch(orders, "k")
        assert again.content == first.content
        assert first.json()["booked"] == 50

    async def test_a_batch_with_nothing_good_is_answered_and_kept(self, parcels: Parcels) -> None:
        answer = await parcels.batch([{"bad": True}], "k")
        assert answer.json()["failed"] == 1
        assert (await parcels.batch([{"bad": True}], "k")).content == answer.content

    async def test_a_thousand_and_no_more(self, parcels: Parcels) -> None:
        orders = [parcels.order() for _ in range(1000)]
        answer = await parcels.batch(orders)
        barcodes = {r["parcel"]["barcode"] for r in answer.json()["results"]}
        assert len(barcodes) == 1000
        assert (await parcels.batch([*orders, parcels.order()])).status_code == 422

    async def test_racing_batches_with_the_same_references(self, parcels: Parcels) -> None:
        orders = [parcels.order(reference=f"x{n}") for n in range(20)]
        shuffled = list(reversed(orders))
        answers = await asyncio.gather(
            *(parcels.batch(orders if n % 2 else shuffled) for n in range(8))
        )
        assert [a.status_code for a in answers] == [200] * 8
        assert sum(a.json()["booked"] for a in answers) == 20


class TestOwnership:
    async def test_foreign_and_absent_answer_the_same(self, parcels: Parcels) -> None:
        barcode = (await parcels.book()).json()["barcode"]
        absent = "610000000000000042731729"
        for method, tail in (("GET", ""), ("POST", "/cancel")):
            answers = [
                await parcels.client.request(
                    method, f"/v1/parcels/{code}{tail}", headers=parcels.shop(OTHER_SHOP)
                )
                for code in (barcode, absent, "nonsense")
            ]
            assert [a.status_code for a in answers] == [404] * 3
            assert len({a.content for a in answers}) == 1

    async def test_scopes(self, parcels: Parcels) -> None:
        url = "/v1/parcels"
        assert (await parcels.client.get(url)).status_code == 401
        assert (await parcels.client.get(url, headers=parcels.clerk())).status_code == 403
        forged = {"Authorization": "Bearer x.y.z"}
        assert (await parcels.client.get(url, headers=forged)).status_code == 401


class TestCancel:
    async def test_before_acceptance_only(self, parcels: Parcels) -> None:
        one, two = await parcels.booked(2)
        answer = await parcels.client.post(f"/v1/parcels/{one}/cancel", headers=parcels.shop())
        assert answer.json()["status"] == "cancelled"
        again = await parcels.client.post(f"/v1/parcels/{one}/cancel", headers=parcels.shop())
        assert again.json() == answer.json()
        assert len(await parcels.api.events("parcel.cancelled")) == 1
        await parcels.scan(parcels.one(two, "acceptance"))
        late = await parcels.client.post(f"/v1/parcels/{two}/cancel", headers=parcels.shop())
        assert (late.status_code, late.json()["code"]) == (409, "not_cancellable")

    async def test_cancel_and_acceptance_race_to_one_end(self, parcels: Parcels) -> None:
        for barcode in await parcels.booked(25):
            url = f"/v1/parcels/{barcode}/cancel"
            cancelled, scanned = await asyncio.gather(
                parcels.client.post(url, headers=parcels.shop()),
                parcels.scan(parcels.one(barcode, "acceptance")),
            )
            assert scanned.status_code == 200
            status = (await parcels.get(barcode))["status"]
            assert status == ("cancelled" if cancelled.status_code == 200 else "accepted")


class TestList:
    async def test_pages_filters_and_link(self, parcels: Parcels) -> None:
        barcodes = await parcels.booked(25)
        await parcels.book(sub=OTHER_SHOP)
        await parcels.scan(*(parcels.one(b, "acceptance") for b in barcodes[:7]))
        seen: list[str] = []
        url: str | None = "/v1/parcels?limit=10"
        while url:
            answer = await parcels.client.get(url, headers=parcels.shop())
            seen += [p["barcode"] for p in answer.json()["items"]]
            link = answer.headers.get("link")
            url = link[1:].partition(">")[0] if link else None
        assert seen == sorted(barcodes, reverse=True)
        accepted = await parcels.client.get("/v1/parcels?status=accepted", headers=parcels.shop())
        assert {p["barcode"] for p in accepted.json()["items"]} == set(barcodes[:7])

    async def test_by_reference_and_changed_since(self, parcels: Parcels) -> None:
        (barcode,) = [(await parcels.book(reference="find-me")).json()["barcode"]]
        await parcels.booked(3)
        found = await parcels.client.get("/v1/parcels?reference=find-me", headers=parcels.shop())
        assert [p["barcode"] for p in found.json()["items"]] == [barcode]
        since = parcels.api.clock.now().isoformat()
        parcels.api.clock.at = parcels.api.clock.at.replace(hour=9)
        await parcels.scan(parcels.one(barcode, "acceptance"))
        later = parcels.api.clock.now().isoformat()
        query = {"changed_since": later}
        found = await parcels.client.get("/v1/parcels", params=query, headers=parcels.shop())
        assert [p["barcode"] for p in found.json()["items"]] == [barcode]
        query = {"changed_since": since}
        found = await parcels.client.get("/v1/parcels", params=query, headers=parcels.shop())
        assert len(found.json()["items"]) == 4

    @pytest.mark.parametrize("cursor", ["x", "W10", "eyJhIjoxfQ", "WyJhIl0", "é"])
    async def test_a_made_up_cursor_is_refused(self, parcels: Parcels, cursor: str) -> None:
        answer = await parcels.client.get(
            "/v1/parcels", params={"cursor": cursor}, headers=parcels.shop()
        )
        assert answer.status_code == 422


async def test_the_directory_notices_a_new_office(
    parcels: Parcels, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await parcels.book(origin_office="KZ00007")).status_code == 422
    await parcels.follow(office_event(7))
    monkeypatch.setattr(network, "REFRESH_S", 0.0)
    assert (await parcels.book(str(uuid.uuid4()), origin_office="KZ00007")).status_code == 201


async def test_a_key_that_a_header_cannot_have_is_refused(parcels: Parcels) -> None:
    for key in (b"a\0b", b"\xe9"):
        headers = [(k.encode(), v.encode()) for k, v in parcels.shop().items()]
        answer = await parcels.client.post(
            "/v1/parcels", json=parcels.order(), headers=[*headers, (b"Idempotency-Key", key)]
        )
        assert answer.status_code == 422


async def test_retries_at_once_never_meet_their_own_booking(parcels: Parcels) -> None:
    """A retry whose snapshot is older than the first's commit finds the reference in use."""
    for n in range(50):
        key = str(uuid.uuid4())
        answers = await asyncio.gather(*(parcels.book(key, reference=f"R{n}") for _ in range(6)))
        bodies = [answer.json() for answer in answers]
        refused = {body["code"] for body in bodies if "code" in body}
        assert refused <= {"idempotency_key_in_flight"}
        assert len({body["barcode"] for body in bodies if "barcode" in body}) == 1


async def test_a_backfilled_booking_answers_in_utc(parcels: Parcels) -> None:
    at = "2018-05-01T08:00:00+04:30"
    body = (await parcels.book(more=("backfill",), occurred_at=at)).json()
    assert body["booked_at"] == "2018-05-01T03:30:00Z"
    assert (await parcels.get(body["barcode"]))["booked_at"] == body["booked_at"]
