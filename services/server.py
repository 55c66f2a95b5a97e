"""uvicorn as `susa serve` runs it: clients that are too slow or too long are cut off.

Stock uvicorn waits for headers and for a body for as long as a client likes, and for any length of
headers (measured: a connection that sends a byte now and then stays for good).
"""

import asyncio
import gc
import json
import resource
from collections.abc import Iterable
from contextlib import suppress
from heapq import nsmallest
from math import inf
from socket import socket
from types import FrameType
from typing import Any, Final

import uvicorn
from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from shared import feed
from shared.errors import MEDIA_TYPE
from shared.metrics import counter, gauge

HEADERS_S: Final = 10.0
BODY_S: Final = 30.0
CLOSING_S: Final = 10.0
"""How long a client has to read the end of what it was sent."""

HEAD_MAX: Final = 64 * 1024
HEADERS_MAX: Final = 100
FILES_WANTED: Final = 65_536
CONNECTIONS_MAX: Final = 8_192
"""Of one process; past it those go that have been waited for longest. Each takes some 20 KB."""
SWEEP_TICKS: Final = 10  # uvicorn ticks ten times a second

CUT: Final = counter("susa_connections_cut_total", "Connections cut off", ("reason",))
CONNECTIONS: Final = gauge("susa_connections", "Open connections of clients")


class PromptProtocol(HttpToolsProtocol):
    """`late_at`: when what the client is sending must have come (loop time)."""

    late_at = inf
    in_head = True
    refused = False
    _head_bytes = 0
    _refusal: tuple[int, str, str] | None = None

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.late_at = self.loop.time() + HEADERS_S

    @override
    def data_received(self, data: bytes) -> None:
        if self.refused:
            return
        if self.in_head:
            if self.late_at == inf:
                self.late_at = self.loop.time() + HEADERS_S
            room = HEAD_MAX - self._head_bytes
            if len(data) > room and not 0 <= data.find(b"\r\n\r\n") <= room:
                self.refuse(431, "headers_too_large", f"headers may have {HEAD_MAX} bytes")
                return
            self._head_bytes += len(data)
        super().data_received(data)

    @override
    def on_headers_complete(self) -> None:
        if len(self.headers) > HEADERS_MAX:
            self._refusal = (431, "headers_too_large", f"at most {HEADERS_MAX} headers")
            raise ValueError(self._refusal[1])
        self.in_head = False
        self.late_at = self.loop.time() + BODY_S
        super().on_headers_complete()

    @override
    def on_message_complete(self) -> None:
        self.in_head = True
        self._head_bytes = 0
        self.late_at = inf
        super().on_message_complete()

    @override
    def send_400_response(self, msg: str) -> None:
        """What cannot be parsed, as a problem like every other."""
        self.refuse(*(self._refusal or (400, "bad_request", msg)))

    def refuse(self, status: int, code: str, detail: str) -> None:
        """Say why, unless an answer is under way, and hang up.

        Only our half is closed at first: closing on a client that still sends would reset the
        connection, and lose the answer.
        """
        CUT.labels(code).inc()
        self.refused = True
        self.late_at = self.loop.time() + CLOSING_S
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete:
            cycle.disconnected = True
            cycle.message_event.set()
            if cycle.response_started:
                self.transport.abort()
                return
        self.transport.write(_response(status, code, detail))
        self.flow.resume_reading()  # what still comes is dropped
        self.transport.write_eof()

    @property
    def waiting_since(self) -> float | None:
        """Loop time since when a request is waited for; None while there is one."""
        if self.timeout_keep_alive_task is not None:
            return self.timeout_keep_alive_task.when() - self.timeout_keep_alive
        return self.late_at - HEADERS_S if self.in_head and self.late_at < inf else None

    def make_room(self) -> None:
        CUT.labels("too_many").inc()
        self.transport.close()

    def sweep(self, now: float) -> None:
        """Cut the client off if it is late; at once if it knows already that it is to go."""
        if self.refused or self.transport.is_closing():
            if self.late_at == inf:
                self.late_at = now + CLOSING_S
            elif now > self.late_at:
                self.transport.abort()
        elif now > self.late_at:
            what = "headers" if self.in_head else "body"
            limit_s = HEADERS_S if self.in_head else BODY_S
            self.refuse(408, f"slow_{what}", f"the {what} did not come within {limit_s:g} s")


class Server(uvicorn.Server):
    """Looks for late clients once a second; lets readers of the feed go when told to stop."""

    @override
    async def startup(self, sockets: list[socket] | None = None) -> None:
        """What stands by now stays: a full collection would stop us for 0.3 s to look at it all."""
        await super().startup(sockets)
        gc.freeze()

    @override
    async def on_tick(self, counter: int) -> bool:
        if counter % SWEEP_TICKS == 0:
            self.sweep(asyncio.get_running_loop().time())
        return await super().on_tick(counter)

    def sweep(self, now: float) -> None:
        connections = list(self.server_state.connections)
        CONNECTIONS.set(len(connections))
        for connection in connections:
            if isinstance(connection, PromptProtocol):
                connection.sweep(now)
        if (over := len(connections) - CONNECTIONS_MAX) > 0:
            _close_some(connections, over)

    @override
    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        feed.end_waits()  # they would wait for up to 25 s
        super().handle_exit(sig, frame)


def _close_some(connections: Iterable[object], count: int) -> None:
    """Those that asked nothing for longest; never one with a request under way."""
    idle = [
        (since, id(connection), connection)
        for connection in connections
        if isinstance(connection, PromptProtocol)
        and not connection.refused
        and (since := connection.waiting_since) is not None
    ]
    for _, _, connection in nsmallest(count, idle):
        connection.make_room()


def configured(app: Any, host: str, port: int, fd: int | None = None) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        fd=fd,
        loop="uvloop",
        http=PromptProtocol,
        ws="none",
        lifespan="on",
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=10,
        timeout_keep_alive=75,
    )


def allow_files() -> None:
    """Thousands of slow clients must not use up the descriptors that honest ones need."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES_WANTED if hard == resource.RLIM_INFINITY else min(hard, FILES_WANTED)
    if soft < wanted:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _response(status: int, code: str, detail: str) -> bytes:
    title = detail[:1].upper() + detail[1:]
    problem = {
        "type": f"urn:susa:problem:{code}",
        "title": title,
        "status": status,
        "code": code,
        "detail": detail,
    }
    body = json.dumps(problem).encode()
    reason = {400: "Bad Request", 408: "Request Timeout", 431: "Request Header Fields Too Large"}
    head = (
        f"HTTP/1.1 {status} {reason[status]}\r\ncontent-type: {MEDIA_TYPE}\r\n"
        f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + body
