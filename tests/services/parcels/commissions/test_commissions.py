"""What offices earn by their contracts, what is deducted, and their monthly statements."""

import csv
import io
import uuid
from datetime import timedelta
from typing import Any

import pytest

from services.parcels.commissions import service
from services.parcels.commissions.following import on_contract_events
from tests.services.parcels.accounts.support import Books
from tests.services.parcels.conftest import SHOP, office_event

pytestmark = pytest.mark.anyio

PRICE = 57_500
ALL = {
    "product": "all",
    "valid_from": "2019-03-21",
    "valid_until": None,
    "basis_points": 2_000,
    "rials_per_item": None,
}
PISHTAZ = ALL | {"product": "pishtaz", "valid_from": "2019-03-25", "basis_points": 3_000}


def contract(version: int = 1, **changes: Any) -> dict[str, Any]:
    state = {
        "id": str(uuid.UUID(int=1)),
        "number": "C000001",
        "office": "KZ00001",
        "valid_from": "2019-03-21",
        "valid_until": "2020-03-19",
        "terminated_on": None,
        "products": None,
        "weight_max_g": None,
        "commission": [ALL, PISHTAZ],
        "status": "active",
        "renews": None,
        "version": version,
    }
    return {"data": {"contract": state | changes}}


async def follow(books: Books, *events: dict[str, Any]) -> None:
    async with books.api.database.transaction() as session:
        await on_contract_events(session, events)


async def accept(books: Books, barcode: str, **changes: Any) -> None:
    scan = books.parcels.one(barcode, "acceptance", **changes)
    assert await books.parcels.results(scan) == ["recorded"]


async def issue(books: Books, month: str, office: str = "KZ00001") -> Any:
    return await books.send("POST", "/v1/commission-statements", {"office": office, "month": month})


async def deduct(books: Books, rials: int, reference: str, **changes: Any) -> Any:
    body = {
        "office": "KZ00001",
        "amount_rials": rials,
        "reason": "غرامت مفقودی",
        "reference": reference,
    } | changes
    return await books.send("POST", "/v1/commission-deductions", body)


async def test_by_the_term_of_the_day_of_acceptance(books: Books) -> None:
    early, late, never = await books.parcels.booked(3)
    await accept(books, early)
    books.api.clock.at += timedelta(days=5)
    await accept(books, late, office="KZ00002")  # the office that booked it has the contract
    await books.post_all()
    path = "/v1/commissions/KZ00001/1398-01"
    nothing = await books.get(path)
    assert (nothing["items"], nothing["gross_rials"]) == (2, 0)
    assert nothing["lines"][0]["contract"] is None
    await follow(books, contract(2), contract(1, commission=[]))
    await follow(books, contract(1, commission=[]))
    found = await books.get(path)
    assert found["gross_rials"] == 11_500 + 17_250
    assert {line["basis_points"] for line in found["lines"]} == {2_000, 3_000}
    items = await books.get(f"{path}/items?limit=1")
    rest = await books.get(f"{path}/items?limit=1&cursor={items['next']}")
    shown = [*items["items"], *rest["items"]]
    assert {one["barcode"] for one in shown} == {early, late} != {never}
    assert sum(one["commission_rials"] for one in shown) == found["gross_rials"]
    # a scan that comes late moves its acceptance to the day before the dearer term
    await accept(books, late, minutes=-3_000)
    await books.post_all()
    assert (await books.get(path))["gross_rials"] == 2 * 11_500
    assert (await books.send("GET", "/v1/commissions/KZ09999/1398-01")).status_code == 404
    bad = await books.send("GET", f"{path}/items?cursor=WzFd")
    assert bad.status_code == 422


async def test_the_posts_own_offices_earn_none(books: Books) -> None:
    await books.parcels.follow(office_event(2, kind="post_office", version=2))
    (barcode,) = await books.parcels.booked(1, origin_office="KZ00002")
    await accept(books, barcode)
    await books.post_all()
    assert (await books.get("/v1/commissions/KZ00002/1398-01"))["items"] == 0


async def test_a_deduction_is_made_once(books: Books) -> None:
    assert (await deduct(books, 20_000, "G-1")).status_code == 201
    again = await deduct(books, 20_000, "G-1")
    assert (again.status_code, again.json()["code"]) == (409, "deduction_known")
    ahead = await deduct(books, 1, "G-2", occurred_on="2019-03-22")
    assert (ahead.status_code, ahead.json()["code"]) == (409, "deducted_ahead")
    unknown = await deduct(books, 1, "G-2", office="KZ09999")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "office_not_found")
    assert await books.balance("commission_due:KZ00001") == 20_000


async def test_a_statement_closes_the_month_and_carries_what_is_owed(books: Books) -> None:
    await follow(books, contract())
    first, second = await books.parcels.booked(2)
    await accept(books, first)
    deducted = await deduct(books, 20_000, "G-1")
    assert deducted.status_code == 201, deducted.text
    await books.post_all()
    assert (await issue(books, "1398-01")).json()["code"] == "month_not_over"
    books.api.clock.at += timedelta(days=35)
    made = await issue(books, "1398-01")
    assert made.status_code == 201, made.text
    statement = made.json()
    assert (statement["gross_rials"], statement["deductions_rials"]) == (11_500, 20_000)
    assert (statement["payable_rials"], statement["carried_forward_rials"]) == (0, -8_500)
    assert (await issue(books, "1398-01")).json()["code"] == "commission_statement_issued"
    assert await books.balance("commission_due:KZ00001") == 8_500
    assert await books.balance("commission_expense") == 11_500
    # late for the closed month: a scan and a deduction are accounted in the next one
    late = books.parcels.one(second, "acceptance", occurred_at="2019-03-21T09:00:00Z")
    assert await books.parcels.results(late, more=("backfill",)) == ["recorded"]
    assert (await deduct(books, 500, "G-3", occurred_on="2019-03-30")).json()["day"] == "2019-04-21"
    await books.post_all()
    assert await books.get("/v1/commissions/KZ00001/1398-01") == statement
    running = await books.get("/v1/commissions/KZ00001/1398-02")
    assert running["brought_forward_rials"] == -8_500
    assert running["payable_rials"] == 11_500 - 500 - 8_500
    books.api.clock.at += timedelta(days=35)
    await service.issue_due(books.api.database, books.api.clock)
    await service.issue_due(books.api.database, books.api.clock)
    listed = await books.get("/v1/commission-statements?month=1398-02")
    assert [one["payable_rials"] for one in listed["items"]] == [2_500]
    file = await books.send("GET", "/v1/commission-statements/KZ00001/1398-02?format=csv")
    (row,) = csv.DictReader(io.StringIO(file.text))
    assert (row["contract"], row["commission_rials"]) == ("C000001", "11500")
    assert await books.balance("commission_due:KZ00001") == -2_500
    told = await books.api.events("commission_statement.issued")
    assert [event["data"]["statement"]["month"] for event in told] == ["1398-01", "1398-02"]
    deductions = await books.get("/v1/commission-deductions?office=KZ00001")
    assert [one["reference"] for one in deductions["items"]] == ["G-3", "G-1"]
    absent = await books.send("GET", "/v1/commission-statements/KZ00001/1398-03")
    assert absent.status_code == 404


async def test_a_page_that_comes_again_after_the_month_was_closed_changes_nothing(
    books: Books,
) -> None:
    await follow(books, contract())
    (barcode,) = await books.parcels.booked()
    await accept(books, barcode)
    await books.post_all()
    books.api.clock.at += timedelta(days=35)
    path = f"/v1/postage-accounts/{SHOP}/invoices"
    assert (await books.send("POST", path, {"month": "1398-01"})).status_code == 201
    assert (await issue(books, "1398-01")).status_code == 201
    await books.api.database.hot.execute("DELETE FROM feed_cursor")
    await books.post_all()
    month = await books.get("/v1/postage-account/months/1398-02", sub=SHOP)
    assert (month["opening_rials"], month["lines"], month["closing_rials"]) == (PRICE, [], PRICE)
    assert (await books.get("/v1/commissions/KZ00001/1398-02"))["items"] == 0
