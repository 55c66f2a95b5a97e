"""Calls to a sister service: an ASGI call in one process, HTTP between several. Same code above."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final, Self

import httpx
from starlette.types import ASGIApp

from shared.auth import Caller, Minter
from shared.patience import PATIENCE

DEADLINE_S: Final = 5.0 * PATIENCE
DEADLINE_HEADER: Final = "susa-deadline-ms"


class Sister:
    """One sister as one caller: every call carries an internal token and a deadline."""

    def __init__(self, client: httpx.AsyncClient, minter: Minter, caller: Caller) -> None:
        self._client = client
        self._minter = minter
        self._caller = caller

    def of(self, caller: Caller) -> Self:
        """The same sister, asked as another caller."""
        return type(self)(self._client, self._minter, caller)

    async def get(
        self, path: str, *, params: Mapping[str, Any] | None = None, timeout_s: float = DEADLINE_S
    ) -> httpx.Response:
        return await self._send("GET", path, params=params, timeout_s=timeout_s)

    async def post(
        self,
        path: str,
        body: Any,
        *,
        method: str = "POST",
        timeout_s: float = DEADLINE_S,
        idempotency_key: str | None = None,
    ) -> httpx.Response:
        headers = {} if idempotency_key is None else {"Idempotency-Key": idempotency_key}
        return await self._send(method, path, json=body, headers=headers, timeout_s=timeout_s)

    async def _send(
        self,
        method: str,
        path: str,
        *,
        timeout_s: float,
        headers: Mapping[str, str] | None = None,
        **options: Any,
    ) -> httpx.Response:
        sent = {
            **(headers or {}),
            "Authorization": f"Bearer {self._minter.token(self._caller)}",
            DEADLINE_HEADER: str(int(timeout_s * 1000)),
        }
        try:
            async with asyncio.timeout(timeout_s):  # an ASGI call has no time-outs of its own
                return await self._client.request(
                    method, path, headers=sent, timeout=timeout_s, **options
                )
        except TimeoutError as error:
            raise httpx.ReadTimeout(f"{path}: no answer within {timeout_s} s") from error


def in_process(app: ASGIApp) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app, raise_app_exceptions=False),
        base_url="http://sister",
    )


def over_http(url: str, *, connections: int = 50) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    return httpx.AsyncClient(base_url=url, limits=limits, trust_env=False)
