"""64 at once on one order that nobody fetched yet: fetched, voided or expired, one of them."""

import asyncio
import os
import uuid
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy.exc import TimeoutError  # noqa: A004 - the pool's own

from services.parcels.compensation import service as compensation
from services.parcels.compensation.schemas import NewOrder
from services.parcels.payments import service
from services.parcels.payments.models import PaymentOrder
from services.parcels.payments.schemas import Confirmation, Decision, Fetch
from shared import ledger
from shared.auth import Caller, service_caller
from shared.errors import Conflict
from tests.conftest import START
from tests.services.parcels.cash import BANK, SHEBA
from tests.services.parcels.conftest import SHOP, Parcels

pytestmark = pytest.mark.anyio

RACERS = 64
CALLER = Caller(BANK, "bank", frozenset({"payments:execute"}))
STAFF = Caller(SHOP, "staff", frozenset({"accounts:write"}))


def wanted(rials: int) -> NewOrder:
    """A transfer whose time to be fetched is over at once."""
    return NewOrder(
        id=uuid.uuid4(),
        claim=uuid.uuid4(),
        transfer=1,
        beneficiary=uuid.UUID(SHOP),
        sheba=SHEBA,
        holder_name="زهرا احمدی",
        amount_rials=rials,
        expires_at=START,
    )


async def till_let_in(racer: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            return await racer()
        except TimeoutError:  # the pool's: it had not begun
            continue


@pytest.mark.soak
async def test_posted_voided_or_expired_once(parcels: Parcels) -> None:
    database, clock = parcels.api.database, parcels.api.clock
    paid = 0
    for n in range(1_000 if os.environ.get("SUSA_SOAK") == "1" else 10):
        asked = wanted(n + 1)

        async def order(asked: NewOrder = asked) -> bool:
            async with database.transaction() as session:
                caller = service_caller("complaints")
                made = await compensation.order(session, asked, caller=caller, now=START)
                return made.created

        assert sorted(await asyncio.gather(*(order() for _ in range(4)))) == [False] * 3 + [True]

        async def pay() -> None:
            async with database.transaction() as session:
                fetched = (await service.fetch(session, CALLER, Fetch(), START)).orders
            for one in fetched:
                said = Confirmation(trace_number=one.reference, amount_rials=one.amount_rials)
                async with database.transaction() as session:
                    await service.confirm(session, CALLER, one.id, said, START)

        async def void(order_id: uuid.UUID = asked.id) -> None:
            async with database.transaction() as session:
                await service.void(session, STAFF, order_id, Decision(reason="no"), START)

        async def expire() -> None:
            await service.expire_unfetched(database, clock)

        racers: list[Callable[[], Awaitable[None]]] = [pay, void, expire, pay]
        turned = racers[n % 4 :] + racers[: n % 4]
        done = await asyncio.gather(
            *(till_let_in(turned[k % 4]) for k in range(RACERS)), return_exceptions=True
        )
        assert [one for one in done if one is not None and not isinstance(one, Conflict)] == []
        async with database.transaction() as session:
            row = await session.get_one(PaymentOrder, asked.id)
        assert (row.status, row.version) in {("paid", 3), ("voided", 2), ("expired", 2)}
        paid += row.amount_rials if row.status == "paid" else 0
    async with database.transaction() as session:
        balance = await ledger.balance(session, compensation.DUE)
    assert (balance.posted, balance.pending) == (paid, 0)
