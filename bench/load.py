"""A small HTTP/1.1 load: keep-alive connections, prepared requests, counted answers."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field


def request(
    method: str, path: str, *, body: bytes = b"", headers: Sequence[tuple[str, str]] = ()
) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in headers]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


@dataclass(slots=True)
class Result:
    requests: int = 0
    failed: int = 0
    seconds: float = 0.0
    latencies_s: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds if self.seconds else 0.0


async def _answer(reader: asyncio.StreamReader) -> bytes:
    """The status line of one answer; its body is read and dropped."""
    head = await reader.readuntil(b"\r\n\r\n")
    lower = head.lower()
    at = lower.find(b"content-length:")
    if at >= 0:
        length = int(lower[at + 15 : lower.index(b"\r\n", at)])
        await reader.readexactly(length)
    elif b"transfer-encoding: chunked" in lower:
        while size := int(await reader.readline(), 16):
            await reader.readexactly(size + 2)
        await reader.readexactly(2)
    return head[9:12]


async def run(
    port: int, requests: Iterator[bytes], *, connections: int, ok: bytes, seconds: float
) -> Result:
    """Send for so long, or until the requests are used up, over so many connections."""
    result = Result()
    until = time.perf_counter() + seconds

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**22)
        for wire in requests:
            started_at = time.perf_counter()
            if started_at > until:
                break
            writer.write(wire)
            status = await _answer(reader)
            result.latencies_s.append(time.perf_counter() - started_at)
            result.requests += 1
            result.failed += status != ok
        writer.close()

    started_at = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(connections)))
    result.seconds = time.perf_counter() - started_at
    return result


def forever(make: Callable[[], bytes]) -> Iterator[bytes]:
    while True:
        yield make()
