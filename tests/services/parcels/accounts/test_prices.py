"""Prices that change: what an account bears follows them, however late the books are kept."""

import uuid
from typing import Any

import pytest

from tests.services.parcels.accounts.support import Books
from tests.services.parcels.conftest import SHOP

pytestmark = pytest.mark.anyio

LIGHT, HEAVY = 57_500, 74_000
CREDIT, PREPAID = f"partner:{SHOP}:credit", f"partner:{SHOP}:prepaid"


async def weigh(books: Books, barcode: str, weight_g: int) -> Any:
    body = {
        "measurement_id": str(uuid.uuid4()),
        "office": "KZ00002",
        "device": "scales-7",
        "weight_g": weight_g,
        "photo_sha256": "ab" * 32,
        "measured_at": books.api.clock.now().isoformat(),
    }
    headers = books.parcels.clerk() | {"Idempotency-Key": str(uuid.uuid4())}
    path = f"/v1/parcels/{barcode}/measurements"
    answer = await books.parcels.client.post(path, json=body, headers=headers)
    assert (answer.status_code, answer.json()["status"]) == (201, "repriced")
    return answer.json()


async def cancel(books: Books, barcode: str) -> None:
    path = f"/v1/parcels/{barcode}/cancel"
    answer = await books.parcels.client.post(path, headers=books.parcels.shop())
    assert answer.status_code == 200


async def test_a_price_that_changes_before_its_booking_is_posted_is_borne(books: Books) -> None:
    assert (await books.pay(4 * HEAVY)).status_code == 201
    kept, cancelled = [
        (await books.parcels.book(payer="partner_prepaid")).json()["barcode"] for _ in range(2)
    ]
    await weigh(books, kept, 700)
    await weigh(books, cancelled, 700)
    await cancel(books, cancelled)
    await books.post_all()
    account = (await books.accounts())["partner_prepaid"]
    assert account["balance_rials"] == 3 * HEAVY == -await books.balance(PREPAID)
    month = await books.get("/v1/postage-account/months/1398-01", sub=SHOP)
    assert month["closing_rials"] == -3 * HEAVY


async def test_a_contest_won_after_cancellation_gives_nothing_more_back(books: Books) -> None:
    (barcode,) = await books.parcels.booked()
    made = await weigh(books, barcode, 700)
    await books.post_all()
    assert await books.balance(CREDIT) == HEAVY
    path = f"/v1/parcels/{barcode}/measurements/{made['id']}"
    body = {"reason": "ترازوی ما دقیق است"}
    headers = books.parcels.shop()
    assert (
        await books.parcels.client.post(f"{path}/contest", json=body, headers=headers)
    ).status_code == 200
    await cancel(books, barcode)
    await books.post_all()
    assert await books.balance(CREDIT) == 0
    headers = books.api.headers("custody:decide", kind="staff")
    headers |= {"Idempotency-Key": str(uuid.uuid4())}
    decision = {"decision": "reversed", "reason": "دوباره وزن شد"}
    answer = await books.parcels.client.post(f"{path}/decide", json=decision, headers=headers)
    assert answer.status_code == 200, answer.text
    await books.post_all()
    assert await books.balance(CREDIT) == 0
    assert await books.balance("postage") == 0
    month = await books.get("/v1/postage-account/months/1398-01", sub=SHOP)
    assert month["closing_rials"] == 0
