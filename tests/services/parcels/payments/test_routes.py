"""Payment orders: fetched by one bank, answered once, never paid twice."""

import asyncio
import uuid
from datetime import timedelta
from typing import Any

import pytest

from services.parcels.payments import service
from tests.services.parcels.cash import BANK, OTHER_BANK, SHEBA, Cash
from tests.services.parcels.conftest import OTHER_SHOP, SHOP, Parcels

pytestmark = pytest.mark.anyio


@pytest.fixture
async def cash(parcels: Parcels) -> Cash:
    return Cash(parcels)


async def state(cash: Cash, order: dict[str, Any]) -> Any:
    return await cash.get(f"/v1/payment-orders/{order['id']}")


async def test_a_payment_is_confirmed_once(cash: Cash) -> None:
    order = await cash.ordered(5_000)
    assert (order["amount_rials"], order["sheba"], order["status"]) == (5_000, SHEBA, "fetched")
    wrong = await cash.confirm(order, amount_rials=4_999)
    assert (wrong.status_code, wrong.json()["code"]) == (409, "amount_differs")
    for _ in range(3):
        again = await cash.confirm(order)
        assert (again.status_code, again.json()["version"]) == (200, 3)
    other = await cash.confirm(order, "T-2")
    assert (other.status_code, other.json()["code"]) == (409, "payment_order_state")
    assert (await cash.answer(order, "refuse", reason="no")).status_code == 409
    shown = await state(cash, order)
    assert [(step["status"], step["version"]) for step in shown["steps"]] == [
        ("prepared", 1),
        ("fetched", 2),
        ("paid", 3),
    ]
    assert shown["steps"][2]["decided_by"] == BANK
    told = await cash.api.events("payment_order.paid")
    ((item,),) = [event["data"]["items"] for event in told]
    assert (item["trace_number"], item["amount_rials"]) == ("T-1", 5_000)
    assert not {"sheba", "holder_name"} & item.keys()
    assert (await cash.audited()).paid_rials == 5_000
    listed = await cash.get("/v1/payment-orders?status=paid")
    assert [one["id"] for one in listed["items"]] == [order["id"]]
    assert (await cash.get(f"/v1/payment-orders?beneficiary={OTHER_SHOP}"))["items"] == []


async def test_an_order_is_of_the_bank_that_fetched_it(cash: Cash) -> None:
    order = await cash.ordered()
    assert await cash.fetch(sub=OTHER_BANK) == []
    foreign = await cash.confirm(order, sub=OTHER_BANK)
    absent = await cash.confirm(order | {"id": str(uuid.uuid4())})
    assert (foreign.status_code, foreign.json()) == (404, absent.json())
    path = "/v1/bank/payment-orders"
    own = await cash.get(f"{path}?status=fetched", scope="payments:execute", sub=BANK)
    assert [one["id"] for one in own["items"]] == [order["id"]]
    assert (await cash.get(path, scope="payments:execute", sub=OTHER_BANK))["items"] == []


async def test_a_fetch_sent_again_is_the_same_fetch(cash: Cash) -> None:
    await cash.due()
    await cash.register()
    await cash.settle()
    sent = [cash.bank("payment-orders/fetch", {"limit": 1}, key="k") for _ in range(8)]
    answers = await asyncio.gather(*sent)
    good = {answer.text for answer in answers if answer.status_code == 200}
    assert len(good) == 1
    again = await cash.bank("payment-orders/fetch", {"limit": 1}, key="k")
    assert again.text in good


async def test_a_trace_number_is_one_transfer_of_a_bank(cash: Cash) -> None:
    first = await cash.ordered()
    await cash.confirm(first, "SAME")
    cash.api.clock.at += timedelta(days=1)
    await cash.due()
    await cash.settle()
    (second,) = await cash.fetch()
    used = await cash.confirm(second, "SAME")
    assert (used.status_code, used.json()["code"]) == (409, "trace_number_used")
    body = {"trace_number": "SAME", "reason": "account closed"}
    assert (await cash.answer(first, "return", **body)).json()["code"] == "trace_number_used"
    assert (await cash.confirm(second, "OTHER")).status_code == 200
    await cash.audited()


async def test_refused_and_returned_money_is_due_again(cash: Cash) -> None:
    order = await cash.ordered(3_000)
    refused = await cash.answer(order, "refuse", reason="holder unknown")
    assert (refused.json()["status"], refused.json()["reason"]) == ("refused", "holder unknown")
    assert (await cash.answer(order, "refuse", reason="again")).json()["version"] == 3
    assert (await cash.confirm(order)).json()["code"] == "payment_order_state"
    await cash.audited()
    await cash.register(sheba="IR540190000000218007001007")
    await cash.settle()
    (second,) = await cash.fetch()
    assert second["sheba"] != order["sheba"]
    early = await cash.answer(second, "return", trace_number="R", reason="x")
    assert early.json()["code"] == "payment_order_state"
    await cash.confirm(second)
    await cash.audited()
    for _ in range(2):
        back = await cash.answer(second, "return", trace_number="R-1", reason="closed")
        assert (back.status_code, back.json()["status"]) == (200, "returned")
    twice = await cash.answer(second, "return", trace_number="R-2", reason="closed")
    assert twice.json()["code"] == "payment_order_state"
    found = await cash.audited()
    assert (found.paid_rials, found.owed_rials) == (0, 3_000)
    (settled,) = (await cash.settle())["settled"]
    assert settled["amount_rials"] == 3_000
    own = (await cash.get("/v1/settlements", scope="parcels:read"))["items"]
    assert [one["status"] for one in own] == ["prepared", "returned", "refused"]
    await cash.audited()


async def test_only_what_no_bank_has_can_be_taken_back(cash: Cash) -> None:
    await cash.due(1, 800)
    await cash.register()
    (settled,) = (await cash.settle())["settled"]
    path = f"/v1/payment-orders/{settled['payment_order']}/void"
    for _ in range(2):
        voided = await cash.post(path, {"reason": "wrong account"})
        assert (voided.status_code, voided.json()["status"]) == (200, "voided")
    assert await cash.fetch() == []
    await cash.audited()
    await cash.settle()
    (order,) = await cash.fetch()
    kept = await cash.post(f"/v1/payment-orders/{order['id']}/void", {"reason": "x"})
    assert (kept.status_code, kept.json()["code"]) == (409, "payment_order_state")
    assert (await cash.settle())["settled"] == []


async def test_what_is_not_answered_is_unknown_and_waits(cash: Cash) -> None:
    """It never expires: not for the timer, not for staff, only by an answer or a proof."""
    order = await cash.ordered()
    api = cash.api
    await service.mark_unanswered(api.database, api.clock)
    assert (await state(cash, order))["status"] == "fetched"
    api.clock.at += timedelta(days=400)
    for _ in range(2):
        await service.mark_unanswered(api.database, api.clock)
    shown = await state(cash, order)
    assert (shown["status"], shown["version"]) == ("unknown", 3)
    assert len(await api.events("payment_order.unknown")) == 1
    void = await cash.post(f"/v1/payment-orders/{order['id']}/void", {"reason": "x"})
    assert void.status_code == 409
    assert (await cash.settle())["settled"] == []
    assert (await cash.confirm(order)).json()["status"] == "paid"
    await cash.audited()


async def test_an_account_holds_from_its_day_on(cash: Cash) -> None:
    await cash.register(valid_from="2019-03-23", sheba="IR540190000000218007001007")
    early = await cash.register(valid_from="2019-03-20", by="accounts:write")
    assert (early.status_code, early.json()["code"]) == (409, "payee_in_force")
    alone = await cash.register(by="accounts:write")
    assert (alone.status_code, alone.json()["code"]) == (409, "payee_by_two")
    past = await cash.register(valid_from="2016-03-20", by="accounts:write backfill")
    assert (past.status_code, past.json()["code"]) == (409, "payee_by_two")
    await cash.register()
    other = {"sheba": "IR540190000000218007001007", "partner": OTHER_SHOP}
    first_alone = await cash.register(by="accounts:write", **other)
    assert first_alone.status_code == 201
    await cash.due()
    await cash.settle()
    assert [order["sheba"] for order in await cash.fetch()] == [SHEBA]
    first = await cash.get(f"/v1/payees?partner={SHOP}&limit=1")
    more = await cash.get(f"/v1/payees?partner={SHOP}&cursor={first['next']}")
    days = [one["valid_from"] for one in first["items"] + more["items"]]
    assert days == ["2019-03-21", "2019-03-23"]
    for wrong in ("IR820540102680020817909003", "DE820540102680020817909002", "IR82"):
        assert (await cash.register(sheba=wrong)).status_code == 422
    told = await cash.api.events("payee.registered")
    assert [event["data"]["payee"]["sheba_masked"][:2] for event in told] == ["IR"] * 3
    assert SHEBA not in str(told)
