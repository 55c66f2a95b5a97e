"""Refusals under /open311/ in the standard's words, instead of problem+json.

An ASGI wrapper and not a handler: what the framework, the body's limit or the commit refuses has
to be said so as well, and a handler that answered would commit what was to be rolled back.
"""

import json
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.complaints.open311.domain import MEDIA_TYPES, Format, written
from shared.errors import MEDIA_TYPE

PREFIX: Final = "/open311/"
_STATUS: Final = {422: 400}
"""The standard has one status for a request that is not as it should be."""


class StandardFaults:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(PREFIX):
            form: Format = "xml" if scope["path"].endswith(".xml") else "json"
            await self._app(scope, receive, Said(send, form))
        else:
            await self._app(scope, receive, send)


class Said:
    """A client's `send` that rewrites a problem; all else passes as it is."""

    def __init__(self, send: Send, form: Format) -> None:
        self._send = send
        self._form: Format = form
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_problem(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._say(self._start)
                self._start = None

    async def _say(self, start: Message) -> None:
        problem = json.loads(self._body)
        status = _STATUS.get(start["status"], start["status"])
        told = [{"code": status, "description": problem.get("detail") or problem["title"]}]
        body = written("errors", told, self._form)
        dropped = {b"content-type", b"content-length"}
        headers = [
            *(header for header in start["headers"] if header[0].lower() not in dropped),
            (b"content-type", MEDIA_TYPES[self._form].encode()),
            (b"content-length", str(len(body)).encode()),
        ]
        await self._send({**start, "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})


def _is_problem(start: Message) -> bool:
    return any(
        name.lower() == b"content-type" and value.startswith(MEDIA_TYPE.encode())
        for name, value in start["headers"]
    )
