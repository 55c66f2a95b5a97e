"""Public tracking as it was last seen, for when parcels or its database is away."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from starlette.types import Message, Scope, Send

from services.gateway.traffic.domain import Header
from shared.auth import Caller
from shared.etag import names

TEMPLATE: Final = "/v1/tracking/{barcode}"
KEPT_S: Final = 3600.0
ENTRIES_MAX: Final = 10_000
BYTES_MAX: Final = 32 * 1024 * 1024
BODY_MAX: Final = 16 * 1024
LANGUAGE_MAX: Final = 200
_QUERIES: Final = frozenset({b"", b"lang=fa", b"lang=en"})
_NOT_KEPT: Final = frozenset({b"x-request-id", b"date"})

Key = tuple[str, bytes, bytes]


@dataclass(frozen=True, slots=True)
class Kept:
    headers: list[Header]
    body: bytes
    at: float


def key_of(scope: Scope, caller: Caller, language: bytes) -> Key | None:
    """What the answer depends on; None for what is not public tracking by nobody in particular."""
    if scope["method"] != "GET" or caller.kind != "anonymous":
        return None
    if scope["query_string"] not in _QUERIES or len(language) > LANGUAGE_MAX:
        return None
    return scope["path"], scope["query_string"], language


class Stale:
    """Answers of one process, bounded; the one unasked for longest goes first."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.monotonic = monotonic
        self.served = 0
        self.bytes = 0
        self._kept: OrderedDict[Key, Kept] = OrderedDict()

    def keep(self, key: Key, headers: list[Header], body: bytes) -> None:
        self.forget(key)
        self._kept[key] = Kept(headers, body, self.monotonic())
        self.bytes += len(body)
        while len(self._kept) > ENTRIES_MAX or self.bytes > BYTES_MAX:
            self.forget(next(iter(self._kept)))

    def confirm(self, key: Key, tag: bytes) -> None:
        """It was answered that this is still so (304)."""
        kept = self._kept.get(key)
        if kept is not None and tag and (b"etag", tag) in kept.headers:
            self._kept[key] = replace(kept, at=self.monotonic())
            self._kept.move_to_end(key)

    def forget(self, key: Key) -> None:
        if (kept := self._kept.pop(key, None)) is not None:
            self.bytes -= len(kept.body)

    async def answer(self, key: Key, if_none_match: bytes, send: Send) -> bool:
        """Send what was last known if it is not older than an hour, and say how old it is."""
        kept = self._kept.get(key)
        if kept is None:
            return False
        age_s = self.monotonic() - kept.at
        if age_s > KEPT_S:
            self.forget(key)
            return False
        tag = next((value for name, value in kept.headers if name == b"etag"), b"")
        same = bool(if_none_match) and names(if_none_match.decode("latin-1"), tag.decode("latin-1"))
        headers = [
            *(h for h in kept.headers if not same or h[0] != b"content-length"),
            (b"age", b"%d" % age_s),
            (b"cache-status", b"susa; hit; ttl=-%d" % age_s),  # RFC 9211: stale by so much
        ]
        status = 304 if same else 200
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if same else kept.body})
        self.served += 1
        return True


class Remembering:
    """A `send` that notes a good answer as it passes, and holds a failure of the sister back."""

    __slots__ = ("_body", "_headers", "_held", "_send", "status", "tag")

    def __init__(self, send: Send) -> None:
        self._send = send
        self._headers: list[Header] | None = None
        self._body: bytes | None = None
        self._held: list[Message] = []
        self.status = 0
        self.tag = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = message.get("headers", ())
            if self.status == 200:
                self._headers = [h for h in headers if h[0] not in _NOT_KEPT]
            elif self.status == 304:
                self.tag = next((value for name, value in headers if name == b"etag"), b"")
        elif self._headers is not None:
            body = message.get("body", b"")
            whole = not message.get("more_body") and len(body) <= BODY_MAX
            self._body = body if whole and self._body is None else None
            if not whole:
                self._headers = None
        if self.status >= 500:
            self._held.append(message)
        else:
            await self._send(message)

    def noted(self) -> tuple[list[Header], bytes] | None:
        if self._headers is None or self._body is None:
            return None
        return self._headers, self._body

    async def let_go(self) -> None:
        """Pass the failure on after all."""
        for message in self._held:
            await self._send(message)
        self._held = []
