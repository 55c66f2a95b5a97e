"""Who pays a booking: accounts with their limits, the ledger, cancellation, money coming in."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from services.parcels.postage.audit import audit_ledger
from tests.factories.tariffs import draft
from tests.services.parcels.accounts.support import Books
from tests.services.parcels.conftest import OTHER_SHOP, SHOP

pytestmark = pytest.mark.anyio

PRICE = 57_500
CREDIT, PREPAID = f"partner:{SHOP}:credit", f"partner:{SHOP}:prepaid"


class TestPosting:
    async def test_a_plain_booking_is_owed_and_taken_back_when_cancelled(
        self, books: Books
    ) -> None:
        kept, cancelled = await books.parcels.booked(2)
        await books.post_all()
        assert await books.balance(CREDIT) == 2 * PRICE == -await books.balance("postage")
        answer = await books.parcels.client.post(
            f"/v1/parcels/{cancelled}/cancel", headers=books.parcels.shop()
        )
        assert answer.status_code == 200
        await books.post_all()
        await books.post_all()
        assert await books.balance(CREDIT) == PRICE == -await books.balance("postage")
        account = (await books.accounts())["partner_credit"]
        assert account == {
            "account": "partner_credit",
            "balance_rials": -PRICE,
            "limit_rials": None,
            "available_rials": None,
        }
        month = await books.get("/v1/postage-account/months/1398-01", sub=SHOP)
        assert [
            (line["kind"], line["entries"], line["total_rials"]) for line in month["lines"]
        ] == [
            ("booked", 2, 2 * PRICE),
            ("cancelled", 1, -PRICE),
        ]
        assert (month["opening_rials"], month["closing_rials"]) == (0, PRICE)
        assert kept

    async def test_an_events_page_that_comes_again_changes_nothing(self, books: Books) -> None:
        await books.parcels.booked(2)
        await books.post_all()
        before = await books.get("/v1/postage-account/months/1398-01", sub=SHOP)
        await books.api.database.hot.execute("DELETE FROM feed_cursor")
        await books.post_all()
        assert await books.balance(CREDIT) == 2 * PRICE
        assert await books.get("/v1/postage-account/months/1398-01", sub=SHOP) == before

    async def test_vat_is_apart_where_the_tariff_adds_it(self, books: Books) -> None:
        wanted = draft(valid_from="2019-03-22", adds_vat=True)
        rate = {"valid_from": "2019-03-22", "basis_points": 900, "source": "آزمون"}
        path = "/v1/tariff-drafts"
        assert (await books.send("POST", path, wanted)).status_code == 201
        assert (await books.send("POST", f"{path}/1398-02/publish")).status_code == 200
        assert (await books.send("POST", "/v1/vat-rates", rate)).status_code == 201
        books.api.clock.at += timedelta(days=2)
        (barcode,) = await books.parcels.booked()
        await books.post_all()
        assert await books.balance(CREDIT) == 54_500
        assert (await books.balance("postage"), await books.balance("vat_payable")) == (
            -50_000,
            -4_500,
        )
        month = await books.get("/v1/postage-account/months/1398-01", sub=SHOP)
        assert (month["charges_rials"], month["vat_rials"]) == (50_000, 4_500)
        await books.parcels.client.post(
            f"/v1/parcels/{barcode}/cancel", headers=books.parcels.shop()
        )
        await books.post_all()
        for account in (CREDIT, "postage", "vat_payable"):
            assert await books.balance(account) == 0

    async def test_at_the_counter_the_office_has_it(self, books: Books) -> None:
        orders: tuple[dict[str, Any], ...] = (
            {"channel": "counter"},
            {"payer": "counter_cash"},
            {"payer": "counter_card"},
            {"channel": "counter", "payer": "partner_credit"},
        )
        for order in orders:
            assert (await books.parcels.book(**order)).status_code == 201
        await books.post_all()
        assert await books.balance("counter_cash:KZ00001") == 2 * PRICE
        assert await books.balance("counter_card:KZ00001") == PRICE
        assert await books.balance(CREDIT) == PRICE
        terms = await books.api.database.hot.fetchval("SELECT count(*) FROM parcel_terms")
        assert terms == 3  # the usual has no row of its own

    async def test_the_recipient_pays_at_delivery_or_else_the_partner(self, books: Books) -> None:
        parcels = books.parcels
        delivered, returned = await parcels.booked(2, payer="recipient")
        await books.post_all()
        assert await books.balance("postage_due") == 2 * PRICE
        scans = [
            parcels.one(barcode, event, minutes, office="KZ00002")
            for barcode, end in ((delivered, "delivered"), (returned, "returned"))
            for minutes, event in ((-9, "acceptance"), (-5, "out_for_delivery"), (-1, end))
        ]
        assert set(await parcels.results(*scans)) == {"recorded"}
        await books.post_all()
        assert await books.balance("postage_due") == 0
        assert await books.balance("counter_cash:KZ00002") == PRICE
        assert await books.balance(CREDIT) == PRICE


class TestAudit:
    async def test_it_can_fail(self, books: Books) -> None:
        """After every posting of these tests it is clean; here it is made to differ."""
        barcode, _ = await books.parcels.booked(2)
        assert (await books.pay(1_000)).status_code == 201
        await books.post_all()
        clean = await audit_ledger(books.api.database)
        assert (clean.items, clean.charged_rials, clean.clean) == (2, 2 * PRICE, True)
        await books.api.database.hot.execute(
            "UPDATE parcel SET price_rials = 1 WHERE item_id = (SELECT max(item_id) FROM parcel)"
        )
        await books.api.database.hot.execute(
            "UPDATE postage_account SET balance_rials = balance_rials + 1"
        )
        await books.api.database.hot.execute("UPDATE partner_month SET amount_rials = 5")
        found = await audit_ledger(books.api.database)
        assert {row["what"] for row in found.wrong} == {"item", "balance", "month", "ledger"}
        assert not found.clean
        assert barcode


class TestLimits:
    async def test_prepaid_bears_what_was_paid_in(self, books: Books) -> None:
        refused = await books.parcels.book(payer="partner_prepaid")
        assert (refused.status_code, refused.json()["code"]) == (409, "funds_short")
        assert (await books.pay(2 * PRICE + 1)).status_code == 201
        key = "once"
        first = await books.parcels.book(key, payer="partner_prepaid")
        assert first.status_code == 201
        assert (await books.parcels.book(payer="partner_prepaid")).status_code == 201
        short = await books.parcels.book(payer="partner_prepaid")
        assert "can bear 1 rials, this costs 57500" in short.json()["detail"]
        again = await books.parcels.book(key, payer="partner_prepaid")
        assert (again.status_code, again.content) == (201, first.content)
        await books.post_all()
        assert (await books.accounts())["partner_prepaid"]["available_rials"] == 1
        assert await books.balance(PREPAID) == -1
        barcode = first.json()["barcode"]
        await books.parcels.client.post(
            f"/v1/parcels/{barcode}/cancel", headers=books.parcels.shop()
        )
        await books.post_all()
        assert (await books.accounts())["partner_prepaid"]["available_rials"] == PRICE + 1
        assert (await books.parcels.book(payer="partner_prepaid")).status_code == 201

    async def test_a_limit_counts_what_was_booked_before_it(self, books: Books) -> None:
        await books.parcels.booked(1)
        await books.post_all()
        await books.parcels.booked(1)  # not yet posted when the limit is set
        await books.limit(4 * PRICE)
        await books.post_all()
        assert (await books.accounts())["partner_credit"]["available_rials"] == 2 * PRICE
        answer = await books.parcels.batch([books.parcels.order() for _ in range(4)])
        statuses = [result["status"] for result in answer.json()["results"]]
        assert statuses == [201, 201, 409, 409]
        assert answer.json()["results"][2]["problem"]["code"] == "funds_short"
        assert (await books.parcels.book(payer="counter_cash")).status_code == 201
        await books.limit(None)
        assert (await books.parcels.book()).status_code == 201
        await books.post_all()
        account = (await books.accounts())["partner_credit"]
        assert account["balance_rials"] == -5 * PRICE == -await books.balance(CREDIT)
        limits = await books.get(f"/v1/postage-accounts/{SHOP}/limits")
        assert [limit["limit_rials"] for limit in limits["items"]] == [None, 4 * PRICE]
        told = await books.api.events("postage_account.changed")
        assert [event["data"]["account"]["limit_rials"] for event in told] == [4 * PRICE, None]

    async def test_bookings_at_once_never_pass_the_limit(self, books: Books) -> None:
        assert (await books.pay(5 * PRICE)).status_code == 201
        answers = await asyncio.gather(
            *(books.parcels.book(payer="partner_prepaid") for _ in range(16))
        )
        assert sorted(answer.status_code for answer in answers) == [201] * 5 + [409] * 11
        await books.post_all()
        assert (await books.accounts())["partner_prepaid"]["balance_rials"] == 0

    async def test_retries_at_once_are_paid_once(self, books: Books) -> None:
        assert (await books.pay(5 * PRICE)).status_code == 201
        answers = await asyncio.gather(
            *(books.parcels.book("same", payer="partner_prepaid") for _ in range(8))
        )
        assert {answer.status_code for answer in answers} <= {201, 409}
        assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
        orders = [books.parcels.order(payer="partner_prepaid") for _ in range(2)]
        for _ in range(2):
            assert (await books.parcels.batch(orders, "batch")).json()["booked"] == 2
        await books.post_all()
        account = (await books.accounts())["partner_prepaid"]
        assert account["balance_rials"] == 2 * PRICE == -await books.balance(PREPAID)


class TestPayments:
    async def test_a_payment_counts_once_and_can_be_taken_back_once(self, books: Books) -> None:
        await books.parcels.booked(1)
        await books.post_all()
        paid = await books.pay(PRICE, "partner_credit", reference="R-1")
        assert paid.status_code == 201, paid.text
        known = await books.pay(PRICE, "partner_credit", reference="R-1")
        assert (known.status_code, known.json()["code"]) == (409, "payment_known")
        assert await books.balance(CREDIT) == 0
        assert (await books.accounts())["partner_credit"]["balance_rials"] == 0
        path = f"/v1/postage-payments/{paid.json()['id']}/reverse"
        body = {"reason": "برگشت بانک"}
        back = await books.send("POST", path, body)
        assert (back.status_code, back.json()["reverses"]) == (201, paid.json()["id"])
        assert (await books.send("POST", path, body)).json()["code"] == "payment_reversed"
        assert await books.balance(CREDIT) == PRICE
        assert await books.balance("postage_bank") == 0
        month = await books.get("/v1/postage-account/months/1398-01", sub=SHOP)
        assert (month["payments_rials"], month["closing_rials"]) == (0, PRICE)
        mine = await books.get("/v1/postage-account/payments", sub=SHOP)
        assert len(mine["items"]) == 2
        other = await books.get("/v1/postage-account/payments", sub=OTHER_SHOP)
        assert other["items"] == []

    async def test_what_is_refused(self, books: Books) -> None:
        path = f"/v1/postage-accounts/{SHOP}/payments"
        ahead = await books.pay(1, paid_on="2019-03-22")
        assert (ahead.status_code, ahead.json()["code"]) == (409, "paid_ahead")
        without = await books.parcels.client.post(path, json={}, headers=books.headers)
        assert without.status_code in {400, 422}
        for rials in (0, -1, 10**15 + 1, 1.5, "1"):
            assert (await books.pay(rials)).status_code == 422  # type: ignore[arg-type]
        mine = await books.parcels.client.get(path, headers=books.parcels.shop())
        assert mine.status_code == 403
        absent = "/v1/postage-payments/00000000-0000-7000-8000-000000000009/reverse"
        assert (await books.send("POST", absent, {"reason": "هیچ"})).status_code == 404
