"""The bound on a request's body, as a plain ASGI wrapper: past it, 413 as problem+json."""

import asyncio
import json
from contextlib import suppress
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.errors import MEDIA_TYPE, TooLarge

LINGER_S: Final = 5


class BodyLimit:
    """Refuses a declared length at once, a streamed body as soon as it passes the limit."""

    def __init__(self, app: ASGIApp, *, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "DELETE"):
            await self._app(scope, receive, send)
            return
        declared = next((v for k, v in scope["headers"] if k == b"content-length"), b"0")
        if declared.isdigit() and int(declared) > self._limit:
            await self._refuse(receive, send)
            return
        await self._counted(scope, receive, send)

    async def _counted(self, scope: Scope, receive: Receive, send: Send) -> None:
        seen = 0
        started = False

        async def counting() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._limit:
                raise self._too_large()
            return message

        async def sending(message: Message) -> None:
            nonlocal started
            if seen > self._limit and not started:
                return  # frameworks answer 400 to a body that breaks off; the 413 follows
            started = True
            await send(message)

        try:
            await self._app(scope, counting, sending)
        except Exception:
            if seen <= self._limit or started:
                raise
        if seen > self._limit and not started:
            await self._refuse(receive, send)

    def _too_large(self) -> TooLarge:
        return TooLarge(f"the body may have {self._limit} bytes")

    async def _refuse(self, receive: Receive, send: Send) -> None:
        body = json.dumps(self._too_large().as_dict()).encode()
        headers = [
            (b"content-type", MEDIA_TYPE.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        await send({"type": "http.response.start", "status": 413, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": True})
        # closing on a client that still sends would reset the connection, and lose the answer
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER_S):
                await _drain(receive)
        await send({"type": "http.response.body"})


async def _drain(receive: Receive) -> None:
    """Read a body to its end, or to the client's."""
    while (await receive()).get("more_body"):
        pass
