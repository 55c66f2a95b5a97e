"""Racers have one effect, and what is made up is refused."""

import asyncio
import os
import uuid
from datetime import timedelta
from typing import Any

import pytest

from tests.services.parcels.accounts.support import Books
from tests.services.parcels.conftest import SHOP

pytestmark = pytest.mark.anyio

RACERS = 64 if os.environ.get("SUSA_SOAK") == "1" else 8
PARTNER = f"/v1/postage-accounts/{SHOP}"
NUL = "آزمون\x00"
REASON = {"reason": "برگشت بانک"}


async def race(books: Books, path: str, body: Any) -> list[dict[str, Any]]:
    """What the winners were answered; everybody sends a key of its own."""
    answers = await asyncio.gather(*(books.send("POST", path, body) for _ in range(RACERS)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    return [answer.json() for answer in answers if answer.status_code == 201]


async def test_racers_have_one_effect(books: Books) -> None:
    await books.parcels.booked(1)
    await books.post_all()
    payment = {
        "account": "partner_credit",
        "amount_rials": 500,
        "method": "card",
        "reference": "T-1",
    }
    (paid,) = await race(books, f"{PARTNER}/payments", payment)
    (back,) = await race(books, f"/v1/postage-payments/{paid['id']}/reverse", REASON)
    assert back["reverses"] == paid["id"]
    books.api.clock.at += timedelta(days=35)
    (invoice,) = await race(books, f"{PARTNER}/invoices", {"month": "1398-01"})
    assert invoice["number"] == "1398-000001"
    deduction = {
        "office": "KZ00001",
        "amount_rials": 500,
        "reason": "غرامت",
        "reference": "G-1",
        "occurred_on": "2019-03-25",
    }
    assert len(await race(books, "/v1/commission-deductions", deduction)) == 1
    statement = {"office": "KZ00001", "month": "1398-01"}
    (made,) = await race(books, "/v1/commission-statements", statement)
    assert (made["payable_rials"], made["carried_forward_rials"]) == (0, -500)
    await books.post_all()


LISTS = (
    "/v1/postage-accounts",
    f"{PARTNER}/limits",
    f"{PARTNER}/payments",
    f"{PARTNER}/invoices",
    "/v1/refund-decisions",
    "/v1/commissions/KZ00001/1398-01/items",
    "/v1/commission-deductions?office=KZ00001",
    "/v1/commission-statements?month=1398-01",
)
CURSORS = ("x", "WzFd", "WyJ4Il0", "WzEsMl0", "W251bGxd", "Wzk5OTk5OTk5OTk5OTk5OTk5OTldOTld", "e30")


async def test_made_up_cursors_and_texts_are_refused(books: Books) -> None:
    for path in LISTS:
        for cursor in CURSORS:
            mark = "&" if "?" in path else "?"
            answer = await books.send("GET", f"{path}{mark}cursor={cursor}")
            assert answer.status_code in {200, 422}, (path, cursor, answer.text)
    run = str(uuid.uuid4())
    decision = {"recomputation": run, "approve": True, "barcodes": ["1"], "reason": "آزمون"}
    bodies: list[tuple[str, str, dict[str, Any]]] = [
        ("PUT", f"{PARTNER}/limit", {"limit_rials": 10**18, "reason": "آزمون"}),
        ("PUT", f"{PARTNER}/limit", {"limit_rials": 1, "reason": NUL}),
        ("PUT", f"{PARTNER}/profile", {"name": NUL, "legal_id": "10380284790", "address": "اهواز"}),
        ("PUT", f"{PARTNER}/profile", {"name": "نام", "address": "اهواز"}),
        ("POST", "/v1/refund-decisions", decision | {"barcodes": []}),
        ("POST", "/v1/refund-decisions", decision | {"barcodes": ["1"] * 1_001}),
        ("POST", "/v1/refund-decisions", decision | {"reason": NUL}),
        ("POST", f"{PARTNER}/invoices", {"month": "0000-01"}),
        ("POST", "/v1/commission-statements", {"office": "KZ00001", "month": "1398-13"}),
    ]
    for method, path, body in bodies:
        answer = await books.send(method, path, body)
        assert answer.status_code == 422, (path, answer.text)
    good = await books.send("POST", "/v1/refund-decisions", decision)
    assert [one["result"] for one in good.json()["results"]] == ["no_proposal"]
    without = await books.parcels.client.post(
        "/v1/refund-decisions", json=decision, headers=books.headers
    )
    assert (without.status_code, without.json()["code"]) == (400, "idempotency_key_missing")
    nobody = await books.parcels.client.get("/v1/postage-account")
    assert nobody.status_code == 401
