"""The cash of the shops' parcels, to the last rial: counted every month, paid out by a bank.

All of it goes by what the API says is owed, so that it goes on wherever a run was stopped, and cash
that the services have not noted yet is counted with the next month's.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import NAMESPACE_URL, uuid4, uuid5

from services.year.client import Api
from services.year.days import HOUR, Month, at, rfc3339
from services.year.errors import Refused
from services.year.login import Key
from services.year.network import Network
from services.year.people import sheba

PER_PAGE = 100
ORDERS_PER_FETCH = 200
COUNTS_MAX = 5
POLL_SECONDS = 0.5
RECEIPT_NAMESPACE = uuid5(NAMESPACE_URL, "urn:susa:year:receipt")
# Of the last day of a month.
COUNTED_AT, SETTLED_AT, FETCHED_AT, PAID_AT = (hour * HOUR for hour in (18, 19, 20, 21))

Owed = dict[str, Any]


@dataclass(frozen=True, slots=True)
class CashKeys:
    """`cashier`: accounts:write, cash:count and backfill; `bank`: payments:execute and backfill."""

    cashier: Key
    bank: Key
    shops: Sequence[str]


@dataclass(frozen=True, slots=True)
class Settled:
    """In rials: delivered against cash, paid to the shops, and still on its way to them."""

    delivered: int = 0
    paid: int = 0
    owed: int = 0


@dataclass(slots=True)
class Cash:
    api: Api
    network: Network
    keys: CashKeys
    since: date
    """From when on the shops' bank accounts are known."""
    delivered: int = 0
    """Rials of the deliveries sent, now or by an earlier run."""
    _payees: set[str] = field(default_factory=set)

    async def close(self, month: Month) -> None:
        """Couriers hand in, drawers are closed, shops are paid: of all that is noted by now."""
        day = month.next.first_day() - timedelta(1)
        owed = await self._owed()
        for number, one in enumerate(o for o in owed if o["place"] == "courier"):
            await self._hand_in(self._office(number), one["collector"], day)
        drawers = {o["office"] for o in await self._owed() if o["place"] == "office"}
        for office in sorted(drawers):
            await self._close_drawer(office, day)
        await self._settle(day)
        await self._pay(day)

    async def finish(self, month: Month, wait_seconds: float) -> Settled:
        """Once more when all that was delivered is noted, or the time is over."""
        until = time.monotonic() + wait_seconds
        while True:
            found = await self._settled()
            if found.owed + found.paid >= self.delivered or time.monotonic() >= until:
                break
            await asyncio.sleep(POLL_SECONDS)
        if found.owed:
            await self.close(month)
        return await self._settled()

    async def _settled(self) -> Settled:
        """What is with a bank counts as neither: it is asked for again until it is paid."""
        paid = 0
        for shop in self.keys.shops:
            orders = await self.api.pages("/v1/settlements", PER_PAGE, key=shop)
            paid += sum(order["amount_rials"] for order in orders if order["status"] == "paid")
        owed = sum(one["amount_rials"] + one["carried_rials"] for one in await self._owed())
        return Settled(self.delivered, paid, owed)

    async def _owed(self) -> list[Owed]:
        return await self.api.pages("/v1/cod/owed", PER_PAGE, key=self.keys.cashier)

    async def _hand_in(self, office: str, collector: str, day: date) -> None:
        """Couriers are the accounts that scanned; each brings his cash to a town's first office."""
        for _ in range(COUNTS_MAX):
            owed = [o for o in await self._owed() if o["collector"] == collector]
            if not owed:
                return
            counted = owed[0]["amount_rials"] + owed[0]["carried_rials"]
            name = f"{collector}/{day}/{counted}/{owed[0]['oldest_taken_at']}"
            body = {
                "office": office,
                "collector": collector,
                "receipt": str(uuid5(RECEIPT_NAMESPACE, name)),
                "counted_rials": counted,
                "occurred_at": rfc3339(at(day, COUNTED_AT)),
            }
            if await self._counted("/v1/hand-ins", f"year/hand-in/{name}", body):
                return

    async def _close_drawer(self, office: str, day: date) -> None:
        for _ in range(COUNTS_MAX):
            drawer = await self.api.get(f"/v1/drawers/{office}", self.keys.cashier)
            closed = drawer["last_closed"]
            if closed is not None:  # an earlier run may have closed this day
                day = max(day, date.fromisoformat(closed) + timedelta(1))
            counted = drawer["expected_rials"]
            body = {
                "day": day.isoformat(),
                "counted_rials": counted,
                "occurred_at": rfc3339(at(day, COUNTED_AT)),
            }
            key = f"year/close/{office}/{day}/{counted}"
            if await self._counted(f"/v1/drawers/{office}/closes", key, body):
                return

    async def _counted(self, path: str, key: str, body: Mapping[str, Any]) -> bool:
        """False: more came in while it was counted, so count again."""
        try:
            await self.api.post(path, self.keys.cashier, body, key)
        except Refused as refused:
            if refused.code != "difference_unexplained":
                raise
            return False
        return True

    async def _settle(self, day: date) -> None:
        due = {o["partner"]: o["amount_rials"] for o in await self._owed() if o["place"] == "due"}
        if not due:
            return
        await self._register(due.keys() - self._payees)
        key = f"year/settle/{day}/{uuid5(RECEIPT_NAMESPACE, str(sorted(due.items())))}"
        body = {"partners": sorted(due), "occurred_at": rfc3339(at(day, SETTLED_AT))}
        await self.api.post("/v1/settlements", self.keys.cashier, body, key)

    async def _register(self, partners: set[str]) -> None:
        if not partners:
            return
        known = await self.api.pages("/v1/payees", PER_PAGE, key=self.keys.cashier)
        self._payees |= {payee["partner"] for payee in known}
        for partner in sorted(partners - self._payees):
            body = {
                "partner": partner,
                "sheba": sheba(Random(partner)),  # noqa: S311 - example data that must repeat
                "holder_name": "فروشگاه نمونه",
                "valid_from": self.since.isoformat(),
                "source": "example data",
            }
            await self.api.post("/v1/payees", self.keys.cashier, body, f"year/payee/{partner}")
            self._payees.add(partner)

    async def _pay(self, day: date) -> None:
        """The bank fetches what is ordered and confirms all that waits for its answer."""
        body = {"limit": ORDERS_PER_FETCH, "occurred_at": rfc3339(at(day, FETCHED_AT))}
        await self.api.post(
            "/v1/bank/payment-orders/fetch", self.keys.bank, body, f"year/fetch/{day}/{uuid4()}"
        )
        waiting: list[dict[str, Any]] = []
        for status in ("fetched", "unknown"):  # also what an earlier run left unanswered
            query = {"status": status}
            waiting += await self.api.pages(
                "/v1/bank/payment-orders", PER_PAGE, query, self.keys.bank
            )
        for order in (one for one in waiting if one["purpose"] == "cod_settlement"):
            said = {
                "trace_number": order["reference"],
                "amount_rials": order["amount_rials"],
                "occurred_at": rfc3339(at(day, PAID_AT)),
            }
            path = f"/v1/bank/payment-orders/{order['id']}/confirm"
            await self.api.post(path, self.keys.bank, said, f"year/paid/{order['id']}")

    def _office(self, number: int) -> str:
        """Of the state, in the towns with the most people in turn."""
        towns = sorted(self.network.towns, key=lambda town: (-town.population, town.slug))
        offices = [town.state[0] for town in towns if town.state] or sorted(self.network.centre_of)
        return offices[number % len(offices)]
