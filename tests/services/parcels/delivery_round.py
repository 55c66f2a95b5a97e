"""Short ways to ask parcels as an office that delivers."""

import base64
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final

import httpx

from services.parcels.dependencies import caches_of
from services.parcels.holding import service as holding
from services.parcels.worker import jobs
from tests.services.parcels.conftest import OTHER_SHOP, Parcels

OFFICE: Final = "KZ00001"
PNG: Final = base64.b64encode(
    b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + bytes(13) + b"\0\0\0\0IEND\xaeB`\x82"
).decode()


class Round:
    """The delivery desk of an office; `parcels` is the shop's and the sorters' side."""

    def __init__(self, parcels: Parcels) -> None:
        self.parcels = parcels
        self.api = parcels.api

    async def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        more: Sequence[str] = (),
    ) -> httpx.Response:
        headers = self.api.headers("delivery:write", *more, sub=OTHER_SHOP, kind="staff")
        if method == "POST":
            headers |= {"Idempotency-Key": key or str(uuid.uuid4())}
        return await self.parcels.client.request(method, path, json=body, headers=headers)

    async def done(self, method: str, path: str, body: Any = None, **how: Any) -> Any:
        answer = await self.send(method, path, body, **how)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    async def refused(self, method: str, path: str, body: Any = None, **how: Any) -> str:
        """The code of a refusal."""
        answer = await self.send(method, path, body, **how)
        assert 400 <= answer.status_code < 500, answer.text
        code: str = answer.json()["code"]
        return code

    async def courier(self, code: str = "KZ00001-01", office: str = OFFICE) -> str:
        person = {"name": "رضا کریمی", "phone": "09121112233"}
        await self.done("POST", "/v1/couriers", {"code": code, "office": office, **person})
        return code

    async def arrived(self, count: int, **changes: Any) -> list[str]:
        """Parcels that are at the office."""
        barcodes = await self.parcels.booked(count, **changes)
        scans = [
            self.parcels.one(barcode, event, n - 60)
            for barcode in barcodes
            for n, event in enumerate(("acceptance", "departure", "arrival"))
        ]
        assert set(await self.parcels.results(*scans)) == {"recorded"}
        return barcodes

    async def out(self, barcodes: Sequence[str], courier: str = "KZ00001-01") -> str:
        """A run that went out with these."""
        run = await self.done("POST", "/v1/runs", {"courier": courier, "stops": list(barcodes)})
        await self.done("POST", f"/v1/runs/{run['id']}/start")
        made: str = run["id"]
        return made

    def delivery(self, **changes: Any) -> dict[str, Any]:
        proof = {"method": "signature", "signature": PNG, "receiver_name": "مریم احمدی"}
        return {"event_id": str(uuid.uuid4()), "office": OFFICE, **proof, **changes}

    async def deliver(self, barcode: str, key: str | None = None, **changes: Any) -> httpx.Response:
        path = f"/v1/parcels/{barcode}/deliveries"
        return await self.send("POST", path, self.delivery(**changes), key=key)

    async def attempt(self, barcode: str, reason: str, **changes: Any) -> httpx.Response:
        body = {"event_id": str(uuid.uuid4()), "office": OFFICE, "reason": reason, **changes}
        return await self.send("POST", f"/v1/parcels/{barcode}/attempts", body)

    async def own(self, path: str, **how: Any) -> Any:
        """What the shop that owns the parcel reads."""
        answer = await self.parcels.client.get(path, headers=self.parcels.shop(**how))
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def status(self, barcode: str) -> str:
        found: str = (await self.parcels.get(barcode))["status"]
        return found

    async def stops(self, run: str) -> dict[str, str]:
        """Outcomes by barcode, in the order of the stops."""
        found: Mapping[str, Any] = await self.done("GET", f"/v1/runs/{run}")
        return {stop["barcode"]: stop["outcome"] for stop in found["stops"]}

    async def follow(self) -> None:
        """What the worker's consumer of parcels' own events does, up to now."""
        await self.api.publish()
        runtime = self.api.app.state.runtime
        runtime.clients = {"offices": self.parcels.client, "parcels": self.parcels.client}
        work = jobs(runtime)
        names = [job.name for job in work.jobs if job.name.startswith("parcels.")]
        runner = work.runners[names.index("parcels.delivery/live")]
        while await runner.step():
            pass

    async def tick(self) -> None:
        """What the timer does, now."""
        caches = caches_of(self.api.app.state.runtime, "live")
        await holding.end_due(self.api.database, caches, self.api.clock)
