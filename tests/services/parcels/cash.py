"""A post that takes cash at delivery: couriers, clerks, a bank, and their consumers."""

import uuid
from typing import Any

import httpx

from services.parcels.cod import service as cod
from services.parcels.cod.audit import CodAudit, audit_cod
from services.parcels.events import CORRECTED, MOVED, STATUS_CHANGED
from services.parcels.payments.events import PAID, REFUSED, RETURNED, VOIDED
from services.parcels.settlements import service as settlements
from shared import ledger
from shared.auth import service_caller
from shared.client import Sister
from shared.consumer import Consumer, Runner
from tests.services.parcels.conftest import SHOP, Parcels

COURIER = "00000000-0000-7000-8000-0000000000c1"
OTHER_COURIER = "00000000-0000-7000-8000-0000000000c2"
BANK = "00000000-0000-7000-8000-0000000000b1"
OTHER_BANK = "00000000-0000-7000-8000-0000000000b2"
SHEBA = "IR820540102680020817909002"
OFFICE = "KZ00001"
CONSUMERS = (
    Consumer("parcels.cod", (STATUS_CHANGED, MOVED, CORRECTED), cod.on_moved),
    Consumer("parcels.settlements", (PAID, REFUSED, VOIDED, RETURNED), settlements.on_orders),
)


class Cash:
    """Short ways to ask as a courier, as staff and as a bank."""

    def __init__(self, parcels: Parcels) -> None:
        self.parcels = parcels
        self.api = parcels.api
        runtime = self.api.app.state.runtime
        sister = Sister(parcels.client, runtime.minter, service_caller("parcels"))
        self._runners = [Runner(each, self.api.database, sister) for each in CONSUMERS]

    async def follow(self) -> None:
        """Publish, and let the consumers catch up."""
        await self.api.publish()
        for runner in self._runners:
            while await runner.step():
                pass

    async def audited(self) -> CodAudit:
        await self.follow()
        found = await audit_cod(self.api.database)
        assert found.clean, found
        return found

    async def balance(self, account: str) -> int:
        async with self.api.database.transaction() as session:
            return (await ledger.balance(session, account)).posted

    async def scan(self, *scans: dict[str, Any], by: str = COURIER) -> None:
        headers = self.api.headers("scans:write", "backfill", sub=by, kind="staff")
        body = {"scans": list(scans)}
        answer = await self.api.client.post("/v1/scans", json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        assert {r["result"] for r in answer.json()["results"]} <= {"recorded", "duplicate"}

    async def delivered(
        self, count: int = 1, rials: int = 1_000, *, by: str = COURIER, office: str = OFFICE
    ) -> list[str]:
        """Barcodes of items with cash on delivery that a courier took out and delivered."""
        barcodes = await self.parcels.booked(count, cod_rials=rials)
        await self.scan(*self.journey(barcodes, office), by=by)
        await self.follow()
        return barcodes

    def journey(self, barcodes: list[str], office: str = OFFICE) -> list[dict[str, Any]]:
        legs = (("acceptance", -60), ("out_for_delivery", -50), ("delivered", -20))
        return [
            self.parcels.one(barcode, event, minutes, office=office)
            for barcode in barcodes
            for event, minutes in legs
        ]

    async def takes_back(self, barcode: str) -> None:
        """Late scans tell that it went back to its sender before that delivery."""
        legs = (("return_started", -40), ("returned", -30))
        await self.scan(*(self.parcels.one(barcode, event, at) for event, at in legs))
        await self.follow()

    async def post(
        self,
        path: str,
        body: Any,
        *,
        by: str = "accounts:write cash:count",
        sub: str = SHOP,
        key: str = "",
    ) -> httpx.Response:
        headers = self.api.headers(*by.split(), sub=sub, kind="staff")
        headers |= {"Idempotency-Key": key or str(uuid.uuid4())}
        return await self.api.client.post(path, json=body, headers=headers)

    async def get(
        self, path: str, *, scope: str = "accounts:write cash:count", sub: str = SHOP
    ) -> Any:
        headers = self.api.headers(*scope.split(), sub=sub, kind="staff")
        answer = await self.api.client.get(path, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def hand_in(self, counted: int, receipt: str = "1", **more: Any) -> httpx.Response:
        body = {"office": OFFICE, "collector": COURIER, "receipt": receipt} | more
        return await self.post("/v1/hand-ins", body | {"counted_rials": counted})

    async def close(self, counted: int, day: str = "2019-03-21", **more: Any) -> httpx.Response:
        body = {"day": day, "counted_rials": counted} | more
        return await self.post(f"/v1/drawers/{OFFICE}/closes", body)

    async def register(
        self, partner: str = SHOP, *, by: str = "accounts:write internal", **changes: Any
    ) -> httpx.Response:
        """As the gateway does, where two have agreed."""
        body = {
            "partner": partner,
            "sheba": SHEBA,
            "holder_name": "فروشگاه کارون",
            "valid_from": "2019-03-21",
            "source": "نامهٔ فروشگاه",
        }
        return await self.post("/v1/payees", body | changes, by=by)

    async def due(self, count: int = 1, rials: int = 1_000) -> list[str]:
        """Barcodes whose cash was handed in and counted; the shop's account is known."""
        barcodes = await self.delivered(count, rials)
        receipt = str(uuid.uuid4())
        assert (await self.hand_in(count * rials, receipt)).status_code == 201
        day = self.api.clock.now().date().isoformat()
        assert (await self.close(count * rials, day)).status_code == 201
        return barcodes

    async def settle(self, **body: Any) -> Any:
        answer = await self.post("/v1/settlements", body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def bank(self, path: str, body: Any, *, sub: str = BANK, key: str = "") -> httpx.Response:
        return await self.post(f"/v1/bank/{path}", body, by="payments:execute", sub=sub, key=key)

    async def fetch(self, *, sub: str = BANK, **body: Any) -> list[dict[str, Any]]:
        answer = await self.bank("payment-orders/fetch", body, sub=sub)
        assert answer.status_code == 200, answer.text
        orders: list[dict[str, Any]] = answer.json()["orders"]
        return orders

    async def answer(self, order: dict[str, Any], how: str, **body: Any) -> httpx.Response:
        """`how`: confirm, refuse or return."""
        sub = body.pop("sub", BANK)
        return await self.bank(f"payment-orders/{order['id']}/{how}", body, sub=sub)

    async def confirm(
        self, order: dict[str, Any], trace: str = "T-1", **more: Any
    ) -> httpx.Response:
        body = {"trace_number": trace, "amount_rials": order["amount_rials"]} | more
        return await self.answer(order, "confirm", **body)

    async def ordered(self, rials: int = 1_000) -> dict[str, Any]:
        """A payment order that a bank has fetched."""
        await self.due(1, rials)
        await self.register()
        await self.settle()
        (order,) = await self.fetch()
        return order
