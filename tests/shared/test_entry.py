"""The door of a service that is served by itself."""

import asyncio
import json
from typing import Any

import pytest
import structlog
from starlette.types import Message, Receive, Scope, Send

from shared.entry import Entry

pytestmark = pytest.mark.anyio


async def ask(app: Any, *headers: tuple[bytes, bytes]) -> list[Message]:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    await Entry(app)({"type": "http", "headers": list(headers)}, receive, send)
    return sent


async def test_what_nobody_waits_for_any_longer_is_ended() -> None:
    ended: list[bool] = []

    async def never(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    start, body = await ask(never, (b"susa-deadline-ms", b"5"))
    assert (start["status"], json.loads(body["body"])["code"]) == (504, "deadline_exceeded")
    assert ended == [True]


async def test_an_answer_that_has_begun_breaks_off() -> None:
    async def half(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await ask(half, (b"susa-deadline-ms", b"5"))


async def test_the_log_knows_the_request() -> None:
    seen: list[Any] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(structlog.contextvars.get_contextvars().get("request_id"))

    assert await ask(app, (b"x-request-id", b"order-17"), (b"susa-deadline-ms", b"x")) == []
    assert seen == ["order-17"]
