"""A request's body is waited for here, so that a slow client keeps no sister busy."""

import asyncio
from typing import Final

from starlette.types import Message, Receive

from services.gateway.traffic.errors import SlowBody
from shared.errors import BadRequest

BODY_S: Final = 30.0
WAITED_FOR: Final = 64 * 1024
"""A body of this size is whole before a sister hears of it; more than that is streamed."""


async def gathered(receive: Receive, within_s: float = BODY_S) -> Receive:
    """A `receive` that has the body, or its first part. SlowBody (408); BadRequest if it broke off.

    A request without its body is another request, so one that broke off goes nowhere.
    """
    try:
        async with asyncio.timeout(within_s):
            chunks: list[bytes] = []
            size, more = 0, True
            while more and size < WAITED_FOR:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise BadRequest("the request broke off")
                chunks.append(message.get("body", b""))
                size += len(chunks[-1])
                more = message.get("more_body", False)
    except TimeoutError:
        raise SlowBody(
            f"the body was not here within {within_s:g} s", headers={"Connection": "close"}
        ) from None
    return _Replayed({"type": "http.request", "body": b"".join(chunks), "more_body": more}, receive)


class _Replayed:
    __slots__ = ("_first", "_receive")

    def __init__(self, first: Message, receive: Receive) -> None:
        self._first: Message | None = first
        self._receive = receive

    async def __call__(self) -> Message:
        if self._first is not None:
            first, self._first = self._first, None
            return first
        return await self._receive()
