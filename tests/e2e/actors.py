"""Who calls the gateway: with a key of their own, or as anyone."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import httpx

from tests.factories.parcels import scan

T = TypeVar("T")
PATIENCE_S = 180


async def eventually(check: Callable[[], Awaitable[T]], patience_s: float = PATIENCE_S) -> T:
    """What `check` gives as soon as it raises no AssertionError any more."""
    deadline = time.monotonic() + patience_s
    while True:
        try:
            return await check()
        except AssertionError:
            if time.monotonic() > deadline:
                raise
        await asyncio.sleep(0.1)


class Actor:
    """A client of the gateway. Without a key it is anyone."""

    def __init__(self, client: httpx.AsyncClient, key: str | None = None, id_: str = "") -> None:
        self.client = client
        self.key = key
        self.id = id_

    async def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = options.pop("headers", {})
        if self.key is not None:
            headers = {"Authorization": f"Bearer {self.key}", **headers}
        return await self.client.request(method, path, headers=headers, **options)

    async def ask(self, method: str, path: str, *, status: int = 200, **options: Any) -> Any:
        """The JSON of an answer that must have this status."""
        answer = await self.send(method, path, **options)
        assert answer.status_code == status, f"{method} {path}: {answer.text}"
        return answer.json() if answer.content else None

    async def book(self, order: dict[str, Any], key: str | None = None) -> httpx.Response:
        headers = {"Idempotency-Key": key or str(uuid.uuid4())}
        return await self.send("POST", "/v1/parcels", json=order, headers=headers)

    async def scan(self, event: str, office: str, barcodes: Sequence[str]) -> None:
        """Scan these parcels, now; every scan must count."""
        scans = [scan(barcode, event, office) for barcode in barcodes]
        answer = await self.ask("POST", "/v1/scans", json={"scans": scans})
        assert [r["result"] for r in answer["results"]] == ["recorded"] * len(scans), answer

    async def open_account(self, kind: str, name: str, *scopes: str) -> "Actor":
        """An account with a key; for those who may manage accounts."""
        made = await self.ask("POST", "/v1/partners", status=201, json={"kind": kind, "name": name})
        issued = await self.ask(
            "POST",
            f"/v1/partners/{made['id']}/keys",
            status=201,
            json={"label": "e2e", "scopes": list(scopes)},
        )
        return Actor(self.client, issued["key"], made["id"])


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[httpx.AsyncClient]:
    """Connections to the gateway, as many callers share them."""
    limits = httpx.Limits(max_connections=50, max_keepalive_connections=50)
    async with httpx.AsyncClient(
        base_url=url, limits=limits, timeout=180, trust_env=False
    ) as client:
        yield client
