"""Calls to the public API that survive lost answers: the same request, the same key, again."""

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from services.year.errors import Refused, Unreachable
from services.year.login import Key, Signing

CALL_SECONDS_MAX = 60
IN_FLIGHT = "idempotency_key_in_flight"
RENEW_SECONDS = 60
"""Before a token expires, a new one is got."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Waits double from `first_seconds` to `longest_seconds`; a Retry-After is kept to."""

    attempts: int = 10
    first_seconds: float = 0.2
    longest_seconds: float = 10.0

    def wait(self, attempt: int, retry_after: str | None) -> float:
        asked = int(retry_after) if retry_after and retry_after.isdecimal() else 0
        doubled: float = self.first_seconds * 2**attempt
        return min(max(doubled, asked), self.longest_seconds)


@dataclass(slots=True)
class Api:
    session: aiohttp.ClientSession
    base_url: str
    retry: Retry = field(default_factory=Retry)
    retries: int = 0
    """How often anything had to be sent again."""
    _tokens: dict[str, tuple[float, str]] = field(default_factory=dict)
    """By client: until when it is used, and the token."""

    async def get(
        self, path: str, key: Key | None = None, query: Mapping[str, str | int] | None = None
    ) -> Any:
        return await self._call("GET", path, key, params=query or {})

    async def put(
        self, path: str, key: Key, body: Any, headers: Mapping[str, str] | None = None
    ) -> Any:
        return await self._call("PUT", path, key, None, headers, data=_encoded(body))

    async def post(self, path: str, key: Key, body: Any, idempotency_key: str | None = None) -> Any:
        return await self._call("POST", path, key, idempotency_key, data=_encoded(body))

    async def pages(
        self,
        path: str,
        limit: int,
        filters: Mapping[str, str] | None = None,
        key: Key | None = None,
    ) -> list[Any]:
        """All items of a listing, following its cursor."""
        items: list[Any] = []
        query: dict[str, str | int] = {"limit": limit, **(filters or {})}
        while True:
            page = await self.get(path, key, query)
            items += page["items"]
            if not page.get("next"):
                return items
            query["cursor"] = page["next"]

    async def _call(
        self,
        method: str,
        path: str,
        key: Key | None,
        idempotency_key: str | None = None,
        more: Mapping[str, str] | None = None,
        **content: Any,
    ) -> Any:
        """`data` may be a function, which is asked anew each time."""
        said = {
            "Content-Type": "application/json" if isinstance(content.get("data"), bytes) else None,
            "Idempotency-Key": idempotency_key,
            **(more or {}),
        }
        headers = {name: value for name, value in said.items() if value is not None}
        why = ""
        for attempt in range(self.retry.attempts):
            retry_after = None
            if key is not None:  # anew each time: a token may end while it is waited
                headers["Authorization"] = f"Bearer {await self._bearer(key)}"
            try:
                sent = {name: it() if callable(it) else it for name, it in content.items()}
                async with self.session.request(
                    method, self.base_url + path, headers=headers, **sent
                ) as response:
                    text = await response.text()
            except (aiohttp.ClientError, TimeoutError) as error:
                why = f"{type(error).__name__}: {error}"
            else:
                if response.ok:
                    return json.loads(text) if text else None
                why = f"{response.status}: {text[:500]}"
                code = _code(text)
                if not _passes(response.status, code):
                    raise Refused(f"{method} {path}: {why}", code)
                retry_after = response.headers.get("Retry-After")
            self.retries += 1
            await asyncio.sleep(self.retry.wait(attempt, retry_after))
        raise Unreachable(f"{method} {path}: {why}")

    async def _bearer(self, key: Key) -> str:
        if isinstance(key, str):
            return key
        until, token = self._tokens.get(key.client_id, (0.0, ""))
        if until <= time.monotonic():
            until, token = self._tokens[key.client_id] = await self._login(key)
        return token

    async def _login(self, client: Signing) -> tuple[float, str]:
        asked_at = time.monotonic()
        issuer = (await self.get("/.well-known/oauth-authorization-server"))["issuer"]
        said = await self._call("POST", "/oauth/token", None, data=lambda: client.form(issuer))
        return asked_at + said["expires_in"] - RENEW_SECONDS, said["access_token"]


def open_session(concurrency: int) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=concurrency),
        timeout=aiohttp.ClientTimeout(total=CALL_SECONDS_MAX),
    )


def _passes(status: int, code: str | None) -> bool:
    """Whether it may go better later, as where the first request under the key is in flight."""
    return status >= 500 or status == 429 or code == IN_FLIGHT


def _code(problem: str) -> str | None:
    """Of a problem+json; what stands between may answer with anything."""
    try:
        body = json.loads(problem)
    except ValueError:
        return None
    return body.get("code") if isinstance(body, dict) else None


def _encoded(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
