"""The door of a service that is served by itself: its callers' deadline and request id hold here.

In one process neither is needed: the gateway cancels what it called, and the log knows its request.
"""

import asyncio
import json
from typing import Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.client import DEADLINE_HEADER
from shared.errors import MEDIA_TYPE, DeadlineExceeded
from shared.patience import PATIENCE

DEADLINE_MAX_S: Final = 120.0 * PATIENCE
_DEADLINE: Final = DEADLINE_HEADER.encode()


class Entry:
    """Ends what its caller no longer waits for: nobody would read the answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        deadline_s = DEADLINE_MAX_S
        for name, value in scope["headers"]:
            if name == _DEADLINE and value.isdigit():
                deadline_s = min(deadline_s, int(value[:9]) / 1000)
            elif name == b"x-request-id":
                structlog.contextvars.bind_contextvars(request_id=value.decode("latin-1"))
        await self._within(deadline_s, scope, receive, send)

    async def _within(self, deadline_s: float, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def noting(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            async with asyncio.timeout(deadline_s) as deadline:
                await self._app(scope, receive, noting)
        except TimeoutError:
            if started or not deadline.expired():
                raise
            await _refuse(send, DeadlineExceeded(f"not done within {deadline_s:g} s"))


async def _refuse(send: Send, problem: DeadlineExceeded) -> None:
    body = json.dumps(problem.as_dict()).encode()
    headers = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", b"%d" % len(body)),
    ]
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
