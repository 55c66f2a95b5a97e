"""A stand-in for sisters: a plain ASGI app that tells what reached it, and can misbehave."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.auth import Verifier
from tests.listening import listening


class Echo:
    """Answers with what it got; the last path segment may ask for trouble."""

    def __init__(self, verifier: Verifier) -> None:
        self._verifier = verifier
        self.go_on = asyncio.Event()
        self.first_chunk = asyncio.Event()
        self.hung_up = asyncio.Event()
        self.requests = 0
        self.cancelled = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.requests += 1
        wish = scope["path"].rpartition("/")[2]
        if wish == "crash":
            raise RuntimeError("as asked")
        if wish == "late":
            await self._never()
        if wish == "stream":
            await self._stream(send)
            return
        chunks = await self._read(receive)
        headers: list[tuple[str, str]] = [
            (name.decode(), value.decode("latin-1")) for name, value in scope["headers"]
        ]
        told = {
            "method": scope["method"],
            "path": scope["path"],
            "raw_path": scope["raw_path"].decode("latin-1"),
            "query": scope["query_string"].decode("latin-1"),
            "headers": headers,
            "body_length": sum(chunks),
            "chunks": len(chunks),
            "caller": self._caller(dict(headers)),
        }
        await _answer(send, json.dumps(told).encode())

    def _caller(self, headers: dict[str, str]) -> dict[str, Any]:
        caller = self._verifier.caller(headers.get("authorization"))
        return {
            "id": caller.id,
            "kind": caller.kind,
            "scopes": sorted(caller.scopes),
            "world": caller.world,
            "office": caller.office,
        }

    async def _read(self, receive: Receive) -> list[int]:
        chunks: list[int] = []
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.hung_up.set()
                raise ConnectionError("the client hung up")
            chunks.append(len(message.get("body", b"")))
            self.first_chunk.set()
            if not message.get("more_body"):
                return chunks

    async def _never(self) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise

    async def _stream(self, send: Send) -> None:
        """One chunk now, one when `go_on` is set."""
        headers = [(b"content-type", b"text/plain"), (b"connection", b"close, x-secret-hop")]
        headers += [(b"x-kept", b"1"), (b"keep-alive", b"timeout=9")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"first ", "more_body": True})
        await self.go_on.wait()
        await send({"type": "http.response.body", "body": b"second"})


async def _answer(send: Send, body: bytes) -> None:
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"set-cookie", b"a=1"),
        (b"set-cookie", b"b=2"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def served(app: ASGIApp) -> AsyncIterator[str]:
    """The app behind a real uvicorn on a free loopback port; yields its URL."""
    config = uvicorn.Config(app, log_level="critical", proxy_headers=False)
    async with listening(uvicorn.Server(config)) as port:
        yield f"http://127.0.0.1:{port}"
