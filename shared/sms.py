"""The port to whoever carries text messages, and its adapters: HTTP, and a file or the console."""

import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol
from uuid import UUID

import httpx
from typing_extensions import override

CONSOLE: Final = "console"
TIMEOUT_S: Final = 10
_SERVER_ERROR: Final = 500
_LATER: Final = frozenset({408, 425, 429})


class RefusedByProviderError(Exception):
    """It will never take this message."""


class ProviderAwayError(Exception):
    """It may take it later."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """`reference` is the same whenever this message is sent again."""

    reference: UUID
    to: str
    text: str


class Sender(Protocol):
    async def send(self, message: Outgoing) -> str:
        """The provider's id. Raises RefusedByProviderError, or ProviderAwayError to try later."""
        ...

    async def close(self) -> None: ...


class FileSender(Sender):
    """A JSON line a message, to a file or to standard output: for trials, and the sandbox."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    @override
    async def send(self, message: Outgoing) -> str:
        line = {"reference": str(message.reference), "to": message.to, "text": message.text}
        await asyncio.to_thread(self._write, json.dumps(line, ensure_ascii=False) + "\n")
        return str(message.reference)

    def _write(self, line: str) -> None:
        if self._path is None:
            sys.stdout.write(line)
            sys.stdout.flush()
            return
        with self._path.open("a", encoding="utf-8") as file:
            file.write(line)

    @override
    async def close(self) -> None:
        return None


class HttpSender(Sender):
    """POSTs `{"reference", "to", "text"}`; the reference is its Idempotency-Key too."""

    def __init__(self, url: str, token: str | None) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._url = url
        self._client = httpx.AsyncClient(timeout=TIMEOUT_S, headers=headers)

    @override
    async def send(self, message: Outgoing) -> str:
        reference = str(message.reference)
        body = {"reference": reference, "to": message.to, "text": message.text}
        try:
            answer = await self._client.post(
                self._url, json=body, headers={"Idempotency-Key": reference}
            )
        except httpx.HTTPError as error:
            raise ProviderAwayError(type(error).__name__) from None
        if answer.is_success:
            return _id_in(answer) or reference
        if answer.status_code >= _SERVER_ERROR or answer.status_code in _LATER:
            raise ProviderAwayError(f"HTTP {answer.status_code}")
        raise RefusedByProviderError(f"HTTP {answer.status_code}")

    @override
    async def close(self) -> None:
        await self._client.aclose()


def _id_in(answer: httpx.Response) -> str | None:
    try:
        found = answer.json()
    except ValueError:
        return None
    return str(found["id"])[:100] if isinstance(found, dict) and "id" in found else None


def sender_of(where: str, token: str | None) -> Sender | None:
    """As the setting says: nothing, `console`, an http(s) address, or a file's path."""
    if not where:
        return None
    if where == CONSOLE:
        return FileSender(None)
    if where.startswith(("http://", "https://")):
        return HttpSender(where, token)
    return FileSender(Path(where))
