"""A bank's statement closes the day: what it paid, what came back, what nobody knew of."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.parcels.payments import service
from tests.services.parcels.cash import BANK, OTHER_BANK, Cash
from tests.services.parcels.conftest import Parcels

pytestmark = pytest.mark.anyio


@pytest.fixture
async def cash(parcels: Parcels) -> Cash:
    return Cash(parcels)


def line(order: dict[str, Any], trace: str = "T-1", **changes: Any) -> dict[str, Any]:
    return {
        "kind": "paid",
        "reference": order["reference"],
        "trace_number": trace,
        "amount_rials": order["amount_rials"],
    } | changes


async def state_day(
    cash: Cash, *lines: dict[str, Any], day: str = "2019-03-21", sub: str = BANK
) -> httpx.Response:
    return await cash.bank("statements", {"day": day, "lines": list(lines)}, sub=sub)


async def status(cash: Cash, order: dict[str, Any]) -> str:
    return str((await cash.get(f"/v1/payment-orders/{order['id']}"))["status"])


async def test_a_statement_answers_what_the_bank_left_open(cash: Cash) -> None:
    order = await cash.ordered()
    early = await state_day(cash, line(order))
    assert (early.status_code, early.json()["code"]) == (409, "day_not_over")
    cash.api.clock.at += timedelta(days=1)
    told = await state_day(cash, line(order), line(order))
    assert told.status_code == 201, told.text
    body = told.json()
    assert (body["lines"], body["confirmed"], body["matched"]) == (2, 1, 0)
    assert [one["outcome"] for one in body["exceptions"]] == ["doubled"]
    assert await status(cash, order) == "paid"
    assert (await state_day(cash, line(order), line(order))).json()["id"] == body["id"]
    other = await state_day(cash, line(order))
    assert (other.status_code, other.json()["code"]) == (409, "statement_differs")
    cash.api.clock.at += timedelta(days=1)
    back = line(order, "R-1", kind="returned")
    returned = (await state_day(cash, line(order), back, day="2019-03-22")).json()
    assert (returned["matched"], returned["returned"]) == (1, 1)
    assert await status(cash, order) == "returned"
    assert (await cash.audited()).owed_rials == 1_000
    assert len(await cash.api.events("bank_statement.recorded")) == 2
    listed = (await cash.get(f"/v1/bank-statements?bank={BANK}"))["items"]
    assert [one["day"] for one in listed] == ["2019-03-21", "2019-03-22"]
    shown = await cash.get(f"/v1/bank-statements/{body['id']}")
    assert shown["exceptions"] == body["exceptions"]


async def test_what_does_not_fit_is_shown_and_moves_nothing(cash: Cash) -> None:
    order = await cash.ordered()
    await cash.answer(order, "refuse", reason="no")
    await cash.follow()
    cash.api.clock.at += timedelta(days=1)
    await cash.due()
    await cash.settle()
    (second,) = await cash.fetch()
    await cash.confirm(second, "T-2")
    cash.api.clock.at += timedelta(days=1)
    lines = (
        line(order),
        line(order, "R", kind="returned"),
        line(second, amount_rials=1),
        line(second, "T-3"),
        line(second | {"reference": "PO-NONE"}, "T-4"),
    )
    body = (await state_day(cash, *lines, day="2019-03-22")).json()
    assert [one["outcome"] for one in body["exceptions"]] == [
        "paid_though_refused",
        "not_paid",
        "amount_differs",
        "other_trace_number",
        "unknown_order",
    ]
    assert await status(cash, second) == "paid"
    foreign = (await state_day(cash, line(second), day="2019-03-22", sub=OTHER_BANK)).json()
    assert [one["outcome"] for one in foreign["exceptions"]] == ["unknown_order"]
    await cash.audited()


async def test_what_was_confirmed_but_not_stated_is_missing(cash: Cash) -> None:
    order = await cash.ordered()
    await cash.confirm(order)
    cash.api.clock.at += timedelta(days=1)
    body = (await state_day(cash)).json()
    assert [(one["reference"], one["trace_number"]) for one in body["missing"]] == [
        (order["reference"], "T-1")
    ]
    cash.api.clock.at += timedelta(days=1)
    await state_day(cash, line(order), day="2019-03-22")
    assert (await cash.get(f"/v1/bank-statements/{body['id']}"))["missing"] == []


async def test_only_statements_prove_an_order_unpaid(cash: Cash) -> None:
    order = await cash.ordered()
    path = f"/v1/payment-orders/{order['id']}/prove-unpaid"
    cash.api.clock.at += timedelta(days=5)
    await service.mark_unanswered(cash.api.database, cash.api.clock)
    assert await status(cash, order) == "unknown"
    for day in ("2019-03-21", "2019-03-22"):
        refused = await cash.post(path, {"reason": "not in the statements"})
        assert (refused.status_code, refused.json()["code"]) == (409, "not_proven_unpaid")
        await state_day(cash, day=day)
    await state_day(cash, line(order, amount_rials=7), day="2019-03-23")
    named = await cash.post(path, {"reason": "not in the statements"})
    assert "names this order" in named.json()["detail"]
    assert (await cash.settle())["settled"] == []
    second = await _unanswered(cash)
    for day in ("2019-03-26", "2019-03-27", "2019-03-28"):
        await state_day(cash, day=day)
    proven = await cash.post(
        f"/v1/payment-orders/{second['id']}/prove-unpaid", {"reason": "in no statement"}
    )
    assert (proven.status_code, proven.json()["status"]) == (200, "refused")
    assert (await cash.confirm(second, "LATE")).status_code == 409
    await cash.audited()
    (settled,) = (await cash.settle())["settled"]
    assert settled["amount_rials"] == second["amount_rials"]


async def _unanswered(cash: Cash) -> dict[str, Any]:
    await cash.due()
    await cash.settle()
    (order,) = await cash.fetch()
    cash.api.clock.at += timedelta(days=5)
    return order
