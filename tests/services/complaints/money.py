"""Complaints beside a real parcels: officers, people who decide, a bank, and all that follows."""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

import httpx

from services.complaints.chargebacks import sending as charging
from services.complaints.claims import lookups
from services.complaints.clients import Payments
from services.complaints.openings import jobs as opening_jobs
from services.complaints.openings import service as openings
from services.complaints.payouts import jobs as payout_jobs
from services.complaints.payouts import sending
from services.complaints.payouts.audit import audit_compensation
from services.parcels.payments import service as payments
from shared import ledger
from shared.auth import service_caller
from shared.client import Sister, in_process
from shared.consumer import Runner
from tests.conftest import Api
from tests.services.parcels.conftest import SHOP, Parcels

OFFICER = "00000000-0000-7000-8000-00000000000f"
DECIDER = "00000000-0000-7000-8000-0000000000d1"
OTHER_DECIDER = "00000000-0000-7000-8000-0000000000d2"
BANK = "00000000-0000-7000-8000-0000000000b1"
OFFICE = "KZ00001"
SHEBA = "IR820540102680020817909002"
PAYEE: Final = {"sheba": SHEBA, "holder_name": "زهرا احمدی"}
VALUE: Final = 5_000_000


class Money:
    """Short ways to ask both services, and to let their workers do what they do."""

    def __init__(self, api: Api, parcels: Parcels) -> None:
        self.api = api
        self.parcels = parcels
        runtime = api.app.state.runtime
        sister = Sister(in_process(parcels.api.app), runtime.minter, service_caller("complaints"))
        self._runners = [
            Runner(each, api.database, sister)
            for each in (opening_jobs.PARCELS, payout_jobs.ORDERS)
        ]

    async def work(self) -> None:
        """Both outboxes, all consumers and timers of complaints, until nothing is left."""
        runtime = self.api.app.state.runtime
        database, clock = self.api.database, self.api.clock
        asked = Payments.of(runtime, "live")
        for _ in range(2):
            await self.parcels.api.publish()
            for runner in self._runners:
                while await runner.step():
                    pass
            await openings.look(database, clock)
            await lookups.complete(database, asked, clock)
            await sending.send(database, asked, clock)
            await charging.send(database, asked, clock)
        assert await database.hot.fetch("SELECT error FROM quarantine") == []

    async def expire(self) -> None:
        await payments.expire_unfetched(self.parcels.api.database, self.parcels.api.clock)
        await self.work()

    def pass_days(self, days: int) -> None:
        self.api.clock.at += timedelta(days=days)

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        scope: str | Sequence[str] = "complaints:answer",
        sub: str = OFFICER,
        key: str | None = None,
        at: Api | None = None,
        **headers: str,
    ) -> httpx.Response:
        api = at or self.api
        scopes = (scope,) if isinstance(scope, str) else scope
        sent = api.headers(*scopes, sub=sub, kind="staff") if scopes else {}
        sent |= {"Idempotency-Key": key or str(uuid.uuid4())} | headers
        return await api.client.request(method, path, json=body, headers=sent)

    async def posted(self, **booking: Any) -> str:
        """A parcel of the shop's with a declared value, accepted."""
        order = {"declared_value_rials": VALUE, "channel": "ecommerce"} | booking
        (barcode,) = await self.parcels.booked(1, **order)
        await self.parcels.results(self.parcels.one(barcode, "acceptance"))
        return barcode

    async def lost(self, barcode: str) -> None:
        await self._declare(barcode, "lost")

    async def found(self, barcode: str) -> None:
        await self._declare(barcode, "found")

    async def _declare(self, barcode: str, what: str) -> None:
        answer = await self.ask(
            "POST",
            f"/v1/parcels/{barcode}/{what}",
            {"reason": "جست‌وجو شد"},
            scope="custody:decide",
            at=self.parcels.api,
        )
        assert answer.status_code == 200, answer.text
        await self.work()

    async def opened(self, barcode: str, **changes: Any) -> dict[str, Any]:
        body = {"barcode": barcode, "cause": "loss", "payee": PAYEE} | changes
        answer = await self.ask("POST", "/v1/claims", body)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def approve(
        self, claim: dict[str, Any], *, sub: str = DECIDER, key: str | None = None, **changes: Any
    ) -> httpx.Response:
        body = {"amount_rials": claim["amount_rials"]} | changes
        path = f"/v1/claims/{claim['id']}/approvals"
        return await self.ask("POST", path, body, scope="claims:decide", sub=sub, key=key)

    async def ordered(self, **booking: Any) -> dict[str, Any]:
        """A claim whose payment order waits for a bank."""
        claim = await self.opened(await self.posted(**booking))
        answer = await self.approve(claim)
        assert (answer.status_code, answer.json()["status"]) == (200, "ordered"), answer.text
        await self.work()
        return claim

    async def get(self, claim: dict[str, Any], rest: str = "") -> Any:
        path = f"/v1/claims/{claim['id']}{rest}"
        answer = await self.ask("GET", path, scope="complaints:read")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def status(self, claim: dict[str, Any]) -> str:
        found: str = (await self.get(claim))["status"]
        return found

    async def bank(self, path: str, body: Any) -> httpx.Response:
        return await self.ask(
            "POST",
            f"/v1/bank/payment-orders/{path}",
            body,
            scope="payments:execute",
            sub=BANK,
            at=self.parcels.api,
        )

    async def fetched(self) -> list[dict[str, Any]]:
        answer = await self.bank("fetch", {})
        assert answer.status_code == 200, answer.text
        orders: list[dict[str, Any]] = answer.json()["orders"]
        return orders

    async def pay(self) -> list[dict[str, Any]]:
        """The bank pays all that it may fetch."""
        orders = await self.fetched()
        for order in orders:
            body = {"trace_number": order["reference"], "amount_rials": order["amount_rials"]}
            assert (await self.bank(f"{order['id']}/confirm", body)).status_code == 200
        await self.work()
        return orders

    async def answered(self, order: dict[str, Any], how: str, **body: Any) -> None:
        answer = await self.bank(f"{order['id']}/{how}", {"reason": "حساب بسته است", **body})
        assert answer.status_code == 200, answer.text
        await self.work()

    async def paid(self, **booking: Any) -> dict[str, Any]:
        claim = await self.ordered(**booking)
        await self.pay()
        assert await self.status(claim) == "paid"
        return claim

    async def balance(self, account: str) -> tuple[int, int]:
        """Posted and pending."""
        async with self.api.database.transaction() as session:
            found = await ledger.balance(session, account)
        return found.posted, found.pending

    async def audited(self) -> Any:
        await self.work()
        found = await audit_compensation(self.api.database, self.parcels.api.database)
        assert found.clean, found
        return found


SENDER: Final = SHOP
