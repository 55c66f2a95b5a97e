"""Staff of the accounts, and the consumers that post what parcels tell."""

import uuid
from typing import Any

import httpx

from services.parcels.commissions.following import ACCOUNTED, keep_books
from services.parcels.postage.audit import audit_ledger
from shared import ledger
from shared.auth import service_caller
from shared.client import Sister
from shared.consumer import Consumer, Runner
from tests.services.parcels.conftest import SHOP, Parcels


class Books:
    def __init__(self, parcels: Parcels) -> None:
        self.parcels = parcels
        self.api = parcels.api
        self.headers = parcels.api.headers("accounts:write", "tariff:write", kind="staff")

    async def post_all(self) -> None:
        """Relay and consume everything that was told."""
        await self.api.publish()
        caller = Sister(
            self.parcels.client, self.api.app.state.runtime.minter, service_caller("parcels")
        )
        runner = Runner(
            Consumer("parcels.accounts", ACCOUNTED, keep_books), self.api.database, caller
        )
        while await runner.step():
            pass
        assert await self.api.database.hot.fetchval("SELECT count(*) FROM quarantine") == 0
        assert (await audit_ledger(self.api.database)).wrong == []

    async def send(
        self, method: str, path: str, body: Any = None, *, key: str | None = None, sub: str = ""
    ) -> httpx.Response:
        """As staff of the accounts; with `sub`, as that partner."""
        headers = self.parcels.shop(sub) if sub else self.headers
        once = {"Idempotency-Key": key or str(uuid.uuid4())} if method == "POST" else {}
        return await self.parcels.client.request(method, path, json=body, headers=headers | once)

    async def get(self, path: str, *, sub: str = "") -> Any:
        answer = await self.send("GET", path, sub=sub)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def pay(
        self, rials: int, account: str = "partner_prepaid", partner: str = SHOP, **changes: Any
    ) -> httpx.Response:
        body = {
            "account": account,
            "amount_rials": rials,
            "method": "bank_transfer",
            "reference": str(uuid.uuid4()),
        } | changes
        return await self.send("POST", f"/v1/postage-accounts/{partner}/payments", body)

    async def limit(self, rials: int | None, partner: str = SHOP) -> None:
        body = {"limit_rials": rials, "reason": "قرارداد"}
        answer = await self.send("PUT", f"/v1/postage-accounts/{partner}/limit", body)
        assert answer.status_code == 200, answer.text
        caches = self.api.app.state.runtime.caches.get("live")
        if caches is not None:  # a process knows of a limit within a second; here at once
            caches.limits._read_at = float("-inf")

    async def accounts(self, sub: str = SHOP) -> dict[str, Any]:
        found = await self.get("/v1/postage-account", sub=sub)
        return {account["account"]: account for account in found["accounts"]}

    async def balance(self, code: str) -> int:
        """Of an account of the ledger; debits count positive, 0 where there is none."""
        async with self.api.database.transaction() as session:
            try:
                return (await ledger.balance(session, code)).posted
            except ledger.AccountUnknown:
                return 0
