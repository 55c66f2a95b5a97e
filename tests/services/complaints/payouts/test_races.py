"""32 at once on one claim, keys and officers different: one payout; 64 answers: one outcome."""

import asyncio
import os
import uuid
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import TimeoutError  # noqa: A004 - the pool's own

from services.complaints.claims import life
from services.complaints.clients import Payments
from services.complaints.payouts import repository, sending, service
from services.complaints.payouts.domain import EXPENSE
from services.complaints.payouts.service import OrderState
from shared import retention
from shared.errors import Problem
from shared.ledger import When
from tests.conftest import START
from tests.services.complaints.money import PAYEE, Money

pytestmark = pytest.mark.anyio

SOAK = os.environ.get("SUSA_SOAK") == "1"
RACERS = 32
ANSWERERS = 64
ANSWERS = ("voided", "refused", "paid", "expired", "unknown", "fetched", "expired", "paid")
"""The newest is one that every state but an end may take."""


async def race(money: Money, barcode: str, keys: list[str]) -> Counter[int]:
    """Half ask for the claim anew, half approve what there is; each an officer of his own."""
    listed = await money.ask("GET", f"/v1/claims?barcode={barcode}", scope="complaints:read")
    known = listed.json()["items"]

    async def run(n: int) -> int:
        sub = str(uuid.UUID(int=(1 << 64) + n))
        status = 503
        while status == 503:  # nothing was begun: tried again under the same key, as clients do
            if n % 2 or not known:
                body = {"barcode": barcode, "cause": "loss", "payee": PAYEE}
                answer = await money.ask("POST", "/v1/claims", body, sub=sub, key=keys[n])
            else:
                answer = await money.approve(known[0], sub=sub, key=keys[n])
            status = answer.status_code
        assert status in {200, 201, 403, 409}, answer.text
        return status

    return Counter(await asyncio.gather(*(run(n) for n in range(RACERS))))


@pytest.mark.soak
async def test_one_payout_whatever_keys_and_officers(money: Money) -> None:
    claims = 500 if SOAK else 1
    for _ in range(claims):
        barcode = await money.posted()
        keys = [str(uuid.uuid4()) for _ in range(RACERS)]
        assert (await race(money, barcode, keys))[201] == 1
        answers = await race(money, barcode, keys)
        assert answers[200] == 1, answers
        later = money.api.clock.at + timedelta(days=31)
        assert (await retention.sweep(money.api.database, later))["idempotency"] >= 1
        assert not {200, 201} & (await race(money, barcode, keys)).keys()
    database = money.api.database
    counted = await database.hot.fetch(
        "SELECT barcode, count(*) AS payouts FROM payout GROUP BY barcode"
    )
    assert [row["payouts"] for row in counted] == [1] * claims
    # as many workers as like send them: parcels orders each once
    payments = Payments.of(money.api.app.state.runtime, "live")
    await asyncio.gather(*(sending.send(database, payments, money.api.clock) for _ in range(4)))
    orders: list[dict[str, Any]] = []
    while fetched := await money.pay():
        orders += fetched
    assert len(orders) == claims
    assert (await money.audited()).payments == claims


@pytest.mark.soak
async def test_64_answers_have_one_outcome(money: Money) -> None:
    """Posted, voided or expired: whichever transaction is first, and no other after it."""
    rounds = 1_000 if SOAK else 2
    paid = 0
    for _ in range(rounds):
        claim = await money.opened(await money.posted())
        await money.approve(claim)
        (payout,) = (await money.get(claim, "/payouts"))["items"]
        payout_id, claim_id = uuid.UUID(payout["id"]), uuid.UUID(claim["id"])

        async def answer(
            n: int, payout_id: uuid.UUID = payout_id, claim_id: uuid.UUID = claim_id
        ) -> None:
            state = OrderState(
                id=payout_id,
                status=ANSWERS[n % len(ANSWERS)],
                version=n + 2,
                reference="PO-1",
                trace_number=str(n),
                reason=None,
                answered_at=None,
            )
            while True:
                try:
                    async with money.api.database.transaction() as session:
                        locked = await life.locked(session, claim_id, START)
                        row = await repository.lock(session, payout_id)
                        assert row is not None
                        await service.apply(session, locked, row, state, When(START, START))
                except TimeoutError:  # the pool's: it had not begun
                    continue
                return

        done = await asyncio.gather(*(answer(n) for n in range(ANSWERERS)), return_exceptions=True)
        assert [one for one in done if one is not None and not isinstance(one, Problem)] == []
        (shown,) = (await money.get(claim, "/payouts"))["items"]
        assert shown["status"] in {"paid", "refused", "voided", "expired"}
        assert await money.status(claim) == shown["status"]
        paid += shown["amount_rials"] if shown["status"] == "paid" else 0
    assert await money.balance(EXPENSE) == (paid, 0)
