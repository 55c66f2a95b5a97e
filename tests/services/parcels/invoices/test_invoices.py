"""A partner's month becomes an invoice that never changes; its day a file; refunds are posted."""

import csv
import io
from datetime import timedelta
from typing import Any

import pypdfium2
import pytest
from sqlalchemy import text

from services.parcels.invoices import service
from services.parcels.repricing import service as repricing
from shared import outbox
from tests.factories.tariffs import draft
from tests.services.parcels.accounts.support import Books
from tests.services.parcels.conftest import OTHER_SHOP, SHOP

pytestmark = pytest.mark.anyio

PRICE = 57_500
CREDIT = f"partner:{SHOP}:credit"
PROFILE = {
    "name": "شرکت #پخش [کارون] *نمونه*",
    "legal_id": "10380284790",
    "address": "اهواز، خیابان نادری",
}


async def issue(books: Books, month: str, partner: str = SHOP) -> Any:
    path = f"/v1/postage-accounts/{partner}/invoices"
    return await books.send("POST", path, {"month": month})


def printed(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    found = "".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return found


class TestInvoices:
    async def test_a_month_is_issued_once_and_stays(self, books: Books) -> None:
        await books.parcels.booked(2)
        assert (await books.pay(10_000, "partner_credit")).status_code == 201
        await books.post_all()
        early = await issue(books, "1398-01")
        assert (early.status_code, early.json()["code"]) == (409, "month_not_over")
        path = f"/v1/postage-accounts/{SHOP}/profile"
        assert (await books.send("PUT", path, PROFILE)).status_code == 200
        books.api.clock.at += timedelta(days=35)
        made = await issue(books, "1398-01")
        assert made.status_code == 201, made.text
        invoice = made.json()
        assert (invoice["number"], invoice["month"]) == ("1398-000001", "1398-01")
        assert (invoice["charges_rials"], invoice["payments_rials"]) == (2 * PRICE, 10_000)
        assert invoice["closing_rials"] == 2 * PRICE - 10_000
        again = await issue(books, "1398-01")
        assert (again.status_code, again.json()["code"]) == (409, "invoice_issued")
        # what is booked for that month afterwards belongs to the next one
        at = "2019-04-01T08:00:00Z"
        late = await books.parcels.book(more=("backfill",), occurred_at=at)
        assert late.status_code == 201
        await books.post_all()
        own = await books.get("/v1/invoices/1398-000001", sub=SHOP)
        assert own == invoice
        running = await books.get("/v1/postage-account/months/1398-02", sub=SHOP)
        assert (running["invoice"], running["opening_rials"]) == (None, 2 * PRICE - 10_000)
        assert running["closing_rials"] == 3 * PRICE - 10_000
        foreign = await books.send("GET", "/v1/invoices/1398-000001", sub=OTHER_SHOP)
        assert (foreign.status_code, foreign.json()["code"]) == (404, "invoice_not_found")
        with pytest.raises(Exception, match="permission denied"):
            await books.api.database.hot.execute("UPDATE invoice SET closing_rials = 0")

    async def test_numbers_have_no_gaps_and_months_no_holes(self, books: Books) -> None:
        for sub in (SHOP, OTHER_SHOP):
            assert (await books.parcels.book(sub=sub)).status_code == 201
        await books.post_all()
        books.api.clock.at += timedelta(days=35)
        assert (await books.parcels.book()).status_code == 201
        await books.post_all()
        books.api.clock.at += timedelta(days=35)
        skipping = await issue(books, "1398-02")
        assert (skipping.status_code, skipping.json()["code"]) == (409, "earlier_month_open")
        nothing = await issue(books, "1397-05")
        assert (nothing.status_code, nothing.json()["code"]) == (409, "nothing_to_invoice")
        for month in ("1398", "1398-13", "1398-01-01", "x", "9999-01"):
            assert (await issue(books, month)).status_code == 422
        database, clock = books.api.database, books.api.clock
        await service.issue_due(database, clock)
        await service.issue_due(database, clock)
        rows = await database.hot.fetch("SELECT number, partner, month FROM invoice ORDER BY n")
        assert [(row[0], str(row[1]), row[2]) for row in rows] == [
            ("1398-000001", SHOP, 139801),
            ("1398-000002", OTHER_SHOP, 139801),
            ("1398-000003", SHOP, 139802),
        ]
        mine = await books.get("/v1/invoices?limit=1", sub=SHOP)
        assert mine["items"][0]["opening_rials"] == PRICE
        second = await books.get(f"/v1/invoices?limit=1&cursor={mine['next']}", sub=SHOP)
        assert [one["month"] for one in second["items"]] == ["1398-01"]

    async def test_as_a_file_for_people(self, books: Books) -> None:
        await books.parcels.booked(1)
        await books.post_all()
        path = f"/v1/postage-accounts/{SHOP}"
        assert (await books.send("PUT", f"{path}/profile", PROFILE)).status_code == 200
        books.api.clock.at += timedelta(days=35)
        assert (await issue(books, "1398-01")).status_code == 201
        other = PROFILE | {"name": "نامی دیگر"}  # of invoices to come, not of this one
        assert (await books.send("PUT", f"{path}/profile", other)).status_code == 200
        url = "/v1/invoices/1398-000001?format="
        table = await books.send("GET", url + "csv", sub=SHOP)
        (row,) = csv.DictReader(io.StringIO(table.text))
        assert (row["kind"], row["total_rials"]) == ("booked", str(PRICE))
        pdf = await books.send("GET", url + "pdf", sub=SHOP)
        assert pdf.headers["content-type"] == "application/pdf"
        seen = printed(pdf.content)
        assert "1398-000001" in seen
        assert "۵۷٬۵۰۰" in seen
        assert "#" in seen  # what looks like markup is printed, not run
        assert (await books.send("GET", url + "pdf", sub=SHOP)).content == pdf.content
        told = await books.api.events("billing_profile.changed", "invoice.issued")
        assert "کارون" not in str(told)


class TestReconciliation:
    async def test_a_day_in_sums_and_entry_by_entry(self, books: Books) -> None:
        parcels = books.parcels
        booked = await parcels.book(reference="=1+1", cod_rials=900_000)
        barcode = booked.json()["barcode"]
        scans = [
            parcels.one(barcode, event, minutes)
            for minutes, event in ((-9, "acceptance"), (-5, "out_for_delivery"), (-1, "delivered"))
        ]
        assert set(await parcels.results(*scans)) == {"recorded"}
        await books.post_all()
        price = booked.json()["price_rials"]
        day = await books.get("/v1/reconciliations/2019-03-21", sub=SHOP)
        assert [(one["kind"], one["amount_rials"], one["cod_rials"]) for one in day["sums"]] == [
            ("booked", price, 0),
            ("delivered", 0, 900_000),
        ]
        assert (day["entries"], day["charged_rials"], day["cod_rials"]) == (2, price, 900_000)
        assert day["as_of"] is not None
        file = await books.send("GET", "/v1/reconciliations/2019-03-21/file", sub=SHOP)
        rows = list(csv.DictReader(io.StringIO(file.text)))
        assert [(row["kind"], row["barcode"]) for row in rows] == [
            ("booked", barcode),
            ("delivered", barcode),
        ]
        assert rows[0]["reference"] == "'=1+1"
        staff = await books.get(f"/v1/postage-accounts/{SHOP}/reconciliations/2019-03-21")
        assert staff == day
        other = await books.get("/v1/reconciliations/2019-03-21", sub=OTHER_SHOP)
        assert (other["entries"], other["sums"]) == (0, [])
        for bad in ("1398-01-01", "2019-02-30", "0", "99999-01-01"):
            answer = await books.send("GET", f"/v1/reconciliations/{bad}", sub=SHOP)
            assert answer.status_code == 422


class TestRefunds:
    async def test_an_approved_proposal_is_given_back_once(self, books: Books) -> None:
        over, cash = (
            await books.parcels.booked(1),
            await books.parcels.booked(1, payer="counter_cash"),
        )
        (rejected,) = await books.parcels.booked(1)
        await books.post_all()
        books.api.clock.at += timedelta(days=1)
        wanted = draft(valid_from="2019-03-23")
        assert (await books.send("POST", "/v1/tariff-drafts", wanted)).status_code == 201
        publish = "/v1/tariff-drafts/1398-02/publish"
        assert (await books.send("POST", publish)).status_code == 200
        days = {"booked_from": "2019-03-21", "booked_until": "2019-03-21"}
        run = {"version": "1398-02", "proposes_refunds": True} | days
        asked = (await books.send("POST", "/v1/recomputations", run)).json()
        await repricing.carry_out(books.api.database, books.api.clock)

        async def decide(barcodes: list[str], *, approve: bool = True) -> Any:
            body = {
                "recomputation": asked["id"],
                "approve": approve,
                "barcodes": barcodes,
                "reason": "بازنگری",
            }
            answer = await books.send("POST", "/v1/refund-decisions", body)
            assert answer.status_code == 200, answer.text
            return [(one["result"], one["amount_rials"]) for one in answer.json()["results"]]

        assert await decide([rejected], approve=False) == [("rejected", 0)]
        unknown = "0" * 24
        found = await decide([*over, *cash, rejected, unknown, *over])
        assert found == [
            ("approved", 7_500),
            ("approved", 7_500),
            ("decided_before", 0),
            ("no_proposal", 0),
        ]
        assert await decide(over) == [("decided_before", 0)]
        assert await books.balance(CREDIT) == 2 * PRICE - 7_500
        assert await books.balance("refunds_payable") == -7_500
        told = await books.api.events("refund.decided")
        assert [len(event["data"]["items"]) for event in told] == [1, 2]
        month = await books.get("/v1/postage-account/months/1398-01", sub=SHOP)
        assert month["closing_rials"] == 2 * PRICE - 7_500
        cancelled = await books.parcels.client.post(
            f"/v1/parcels/{over[0]}/cancel", headers=books.parcels.shop()
        )
        assert cancelled.status_code == 200
        await books.post_all()
        assert await books.balance(CREDIT) == PRICE
        assert len((await books.get("/v1/refund-decisions"))["items"]) == 3


class TestRepricing:
    async def test_the_charge_follows_the_price(self, books: Books) -> None:
        (barcode,) = await books.parcels.booked()
        await books.post_all()

        async def reprice(rials: int, event: str = "parcel.repriced") -> None:
            """As measuring or redirecting does: the item's row has the price, an event tells."""
            async with books.api.database.transaction() as session:
                await session.execute(text(f"UPDATE parcel SET price_rials = {rials}"))
                data = {"items": [{"barcode": barcode}]}
                now = books.api.clock.now()
                await outbox.append(session, event, data, time=now)

        await reprice(80_000)
        await reprice(80_000)
        await books.post_all()
        assert await books.balance(CREDIT) == 80_000 == -await books.balance("postage")
        await reprice(60_000, "parcel.redirected")
        await books.post_all()
        assert await books.balance(CREDIT) == 60_000
        await books.parcels.client.post(
            f"/v1/parcels/{barcode}/cancel", headers=books.parcels.shop()
        )
        await books.post_all()
        assert await books.balance(CREDIT) == 0 == await books.balance("postage")
        assert (await books.accounts())["partner_credit"]["balance_rials"] == 0
