"""64 at once on one payment order: one effect, on the order and in the ledger."""

import asyncio
import os
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.payments import service
from services.parcels.payments.models import PaymentOrder
from services.parcels.payments.schemas import Confirmation, Fetch, PaymentOrderOut, Refusal
from services.parcels.payments.service import Wanted
from shared import ledger, ledger_batch
from shared.auth import Caller
from shared.database import Database
from shared.errors import Conflict
from shared.ledger import When
from tests.conftest import START
from tests.services.parcels.cash import BANK, Cash
from tests.services.parcels.conftest import SHOP, Parcels

pytestmark = pytest.mark.anyio

RACERS = 64
WHEN = When(START, START)
CALLER = Caller(BANK, "bank", frozenset({"payments:execute"}))
Racer = Callable[[AsyncSession], Awaitable[PaymentOrderOut]]


async def prepared(cash: Cash, count: int) -> None:
    """Orders of 1, 2, 3 … rials, of some other purpose than cash on delivery."""
    payee = uuid.UUID((await cash.register()).json()["id"])
    async with cash.api.database.transaction() as session:
        await ledger_batch.open_all(session, {"owed": "liability", "bank": "asset"}, START)
        made = [uuid.uuid4() for _ in range(count)]
        wanted = [
            Wanted(each, "compensation", uuid.UUID(SHOP), payee, n + 1, "owed", "bank")
            for n, each in enumerate(made)
        ]
        await service.prepare(session, wanted, by="test", when=WHEN)


def racers(order: PaymentOrderOut) -> list[Racer]:
    """Of eight: one confirmation from two terminals, five under other traces, a refusal."""

    def confirm(trace: str) -> Racer:
        said = Confirmation(trace_number=trace, amount_rials=order.amount_rials)
        return lambda session: service.confirm(session, CALLER, order.id, said, START)

    def refuse(session: AsyncSession) -> Awaitable[PaymentOrderOut]:
        return service.refuse(session, CALLER, order.id, Refusal(reason="no"), START)

    name = order.reference
    found: list[Racer] = []
    for n in range(RACERS // 8):
        others = [confirm(f"{name}-{n}-{k}") for k in range(5)]
        found += [confirm(name), others[0], refuse, *others[1:], confirm(name)]
    return found


async def run(database: Database, racer: Racer) -> str:
    try:
        async with database.transaction() as session:
            shown = await racer(session)
    except Conflict as refused:
        return refused.code
    return f"{shown.status} {shown.trace_number}"


async def race(cash: Cash, rounds: int) -> None:
    await prepared(cash, rounds)
    database = cash.api.database
    paid = 0
    while True:
        async with database.transaction() as session:
            fetched = (await service.fetch(session, CALLER, Fetch(), START)).orders
        for order in fetched:
            answers = Counter(
                await asyncio.gather(*(run(database, racer) for racer in racers(order)))
            )
            assert answers.pop("payment_order_state") >= RACERS // 8, answers
            (effect,) = answers  # one, however many were told of it
            async with database.transaction() as session:
                row = await session.get_one(PaymentOrder, order.id)
            assert effect == f"{row.status} {row.trace_number}"
            assert row.version == 3
            paid += row.amount_rials if row.status == "paid" else 0
        if not fetched:
            break
    async with database.transaction() as session:
        balance = await ledger.balance(session, "owed")
    assert (balance.posted, balance.pending) == (paid, 0)


@pytest.fixture
async def cash(parcels: Parcels) -> Cash:
    return Cash(parcels)


@pytest.mark.soak
async def test_64_racers_have_one_effect(cash: Cash) -> None:
    await race(cash, 1_000 if os.environ.get("SUSA_SOAK") == "1" else 10)


async def test_fetched_by_one_bank_however_many_ask(cash: Cash) -> None:
    """Orders are shared out among 32 askers, and none is given twice."""
    await prepared(cash, 60)

    async def ask(n: int) -> list[uuid.UUID]:
        async with cash.api.database.transaction() as session:
            caller = Caller(str(uuid.UUID(int=n)), "bank", frozenset())
            return [
                order.id
                for order in (await service.fetch(session, caller, Fetch(limit=3), START)).orders
            ]

    given = [one for ids in await asyncio.gather(*(ask(n) for n in range(32))) for one in ids]
    assert len(given) == len(set(given)) == 60
