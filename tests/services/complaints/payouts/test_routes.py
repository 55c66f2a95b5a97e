"""A claim's payment: by the orders that banks fetch for cash on delivery, and their answers."""

import asyncpg
import pytest

from services.complaints.payouts.domain import EXPENSE, ORDERED
from shared.auth import service_caller
from tests.services.complaints.money import SENDER, SHEBA, Money

pytestmark = pytest.mark.anyio


async def test_paid_once_to_the_rial(money: Money) -> None:
    claim = await money.ordered()
    amount = claim["amount_rials"]
    assert await money.balance(EXPENSE) == (0, amount)
    (order,) = await money.pay()
    assert (order["purpose"], order["sheba"], order["amount_rials"]) == (
        "compensation",
        SHEBA,
        amount,
    )
    assert order["beneficiary"] == SENDER
    assert await money.pay() == []
    assert await money.balance(EXPENSE) == (amount, 0)
    assert await money.balance(ORDERED) == (-amount, 0)
    (payout,) = (await money.get(claim, "/payouts"))["items"]
    assert (payout["status"], payout["trace_number"]) == ("paid", order["reference"])
    audited = await money.audited()
    assert (audited.paid_rials, audited.ordered_rials, audited.pending_rials) == (amount, amount, 0)
    told = await money.api.events("claim.paid")
    assert [event["data"]["claim"]["amount_rials"] for event in told] == [amount]
    report = await money.ask("GET", "/v1/statistics/compensation?period=1398", scope="reports:read")
    found = report.json()
    assert (found["paid_rials"], found["ledger_rials"], found["payments"]) == (amount, amount, 1)
    assert {one["cause"]: one["paid_rials"] for one in found["by_cause"]}["loss"] == amount
    listed = "/v1/statistics/compensation/payments?period={}&cause=loss"
    (one,) = (await money.ask("GET", listed.format(1398), scope="reports:read")).json()["items"]
    assert (one["claim"], one["paid_rials"], one["returned_rials"]) == (claim["id"], amount, 0)
    none = await money.ask("GET", listed.format(1397), scope="reports:read")
    assert none.json()["items"] == []
    before = await money.ask("GET", "/v1/statistics/compensation?period=1397", scope="reports:read")
    assert (before.json()["paid_rials"], before.json()["ledger_rials"]) == (0, 0)


async def test_what_came_to_nothing_is_approved_and_ordered_again(money: Money) -> None:
    claim = await money.ordered()
    path = f"/v1/claims/{claim['id']}/assessments"
    (order,) = await money.fetched()
    await money.answered(order, "refuse")
    assert await money.status(claim) == "refused"
    assert (await money.approve(claim)).json()["code"] == "claim_state"
    again = await money.ask("POST", path, {"note": "حساب تازه"})
    assert (await money.approve(again.json())).json()["status"] == "ordered"
    await money.work()
    (paid,) = await money.pay()
    await money.answered(paid, "return", trace_number="R-1")
    assert await money.status(claim) == "returned"
    await money.audited()
    assert await money.balance(EXPENSE) == (0, 0)
    again = await money.ask("POST", path, {"note": "دوباره"})
    await money.approve(again.json())
    await money.work()
    money.pass_days(90)
    await money.expire()
    assert await money.status(claim) == "expired"
    assert await money.fetched() == []
    again = await money.ask("POST", path, {"note": "دوباره"})
    await money.approve(again.json())
    await money.work()
    orders = await money.ask(
        "GET",
        "/v1/payment-orders?status=prepared",
        scope="accounts:write",
        at=money.parcels.api,
    )
    (waiting,) = orders.json()["items"]
    voided = await money.ask(
        "POST",
        f"/v1/payment-orders/{waiting['id']}/void",
        {"reason": "دوباره بررسی شود"},
        scope="accounts:write",
        at=money.parcels.api,
    )
    assert voided.json()["status"] == "voided"
    await money.work()
    assert await money.status(claim) == "voided"
    again = await money.ask("POST", path, {"note": "دوباره"})
    await money.approve(again.json())
    await money.work()
    await money.pay()
    shown = (await money.get(claim, "/payouts"))["items"]
    assert [(one["transfer"], one["status"]) for one in shown] == [
        (1, "refused"),
        (2, "returned"),
        (3, "expired"),
        (4, "voided"),
        (5, "paid"),
    ]
    await money.audited()


async def test_what_a_bank_has_cannot_be_voided_or_expire(money: Money) -> None:
    claim = await money.ordered()
    (order,) = await money.fetched()
    money.pass_days(400)
    await money.expire()
    assert await money.status(claim) == "ordered"
    refused = await money.ask(
        "POST",
        f"/v1/payment-orders/{order['id']}/void",
        {"reason": "پشیمانی"},
        scope="accounts:write",
        at=money.parcels.api,
    )
    assert refused.json()["code"] == "payment_order_state"
    assert (await money.audited()).pending_rials == claim["amount_rials"]
    body = {"trace_number": "T-9", "amount_rials": order["amount_rials"]}
    assert (await money.bank(f"{order['id']}/confirm", body)).status_code == 200
    await money.work()
    assert await money.status(claim) == "paid"


async def test_a_supplement_names_the_first_and_all_stay_within_the_cap(money: Money) -> None:
    barcode = await money.posted(declared_value_rials=0)
    claim = await money.opened(barcode, loss_rials=60_000_000)
    path = f"/v1/claims/{claim['id']}/supplements"
    wanted = {"loss_rials": 90_000_000, "note": "تجدیدنظر پذیرفته شد"}
    early = await money.ask("POST", path, wanted)
    assert (early.status_code, early.json()["code"]) == (409, "claim_state")
    await money.approve(claim)
    await money.work()
    await money.pay()
    more = (await money.ask("POST", path, wanted)).json()
    assert (more["supplements"], more["amount_rials"]) == (claim["id"], 30_000_000)
    assert (await money.ask("POST", path, wanted)).json()["code"] == "claim_exists"
    assert (await money.approve(more)).json()["status"] == "ordered"
    await money.work()
    await money.pay()
    (first,) = (await money.get(claim, "/payouts"))["items"]
    (second,) = (await money.get(more, "/payouts"))["items"]
    assert (second["supplements"], second["status"]) == (first["id"], "paid")
    # another cause of the same parcel: what is left of its cap
    damage = await money.opened(barcode, cause="damage", loss_rials=500_000_000)
    assert damage["amount_rials"] == 200_000_000 - claim["amount_rials"] - 30_000_000
    assert [step["step"] for step in damage["worked"]][-1] == "cap"
    partial = await money.opened(barcode, cause="partial_loss", loss_rials=80_000_000)
    assert (await money.approve(partial)).json()["status"] == "ordered"
    await money.approve(damage)
    over = await money.approve(damage, sub="00000000-0000-7000-8000-0000000000d2")
    assert (over.status_code, over.json()["code"]) == (409, "cap_reached")
    await money.audited()


async def test_the_books_are_append_only(money: Money) -> None:
    await money.paid()
    connection = await asyncpg.connect(money.api.target.app_dsn)
    try:
        for table in (
            "ledger_transfer",
            "ledger_outcome",
            "ledger_account",
            "claim_step",
            "claim_approval",
            "compensation_rules",
            "charge_back_step",
        ):
            for sql in (f"DELETE FROM {table}", f"TRUNCATE {table}"):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.execute(sql)
        for table, column in (
            ("ledger_transfer", "amount"),
            ("ledger_outcome", "amount"),
            ("claim_approval", "amount_rials"),
            ("claim_step", "version"),
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(f"UPDATE {table} SET {column} = {column}")
        with pytest.raises(asyncpg.UniqueViolationError):  # whatever a program says
            await connection.execute(
                "INSERT INTO payout SELECT (jsonb_populate_record(p, jsonb_build_object('id',"
                " uuidv7(), 'transfer', 2))).* FROM payout p"
            )
    finally:
        await connection.close()


async def test_a_transfer_is_ordered_once_for_ever(money: Money) -> None:
    """Parcels' side: the same claim and number are the same order, whatever else is said."""
    claim = await money.ordered()
    (payout,) = (await money.get(claim, "/payouts"))["items"]
    sister = money.parcels.api.app.state.runtime.minter  # parcels speaks for itself here
    headers = {"Authorization": f"Bearer {sister.token(service_caller('parcels'))}"}
    body = {
        "id": payout["id"],
        "claim": claim["id"],
        "transfer": 1,
        "beneficiary": SENDER,
        "sheba": SHEBA,
        "holder_name": "دیگری",
        "amount_rials": claim["amount_rials"],
        "expires_at": None,
    }
    client = money.parcels.client
    same = await client.post("/internal/payment-orders", json=body, headers=headers)
    assert (same.status_code, same.json()["created"]) == (200, False)
    for change in ({"amount_rials": 1}, {"id": claim["id"]}):
        other = await client.post("/internal/payment-orders", json=body | change, headers=headers)
        assert (other.status_code, other.json()["code"]) == (409, "compensation_order_differs")
    assert (await client.post("/internal/payment-orders", json=body)).status_code == 401
    assert len(await money.fetched()) == 1
