"""One attempt over HTTP, to the address that was vetted and to no other."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from typing import Any, Final, Self

import aiohttp
import structlog
from aiohttp.abc import AbstractResolver, ResolveResult
from typing_extensions import override

from services.gateway.webhooks.addresses import UrlRefusedError, check_url, is_public
from services.gateway.webhooks.domain import Answer, retry_after
from shared.clock import Clock

log = structlog.get_logger(__name__)

TIMEOUT_S: Final = 15.0
CONNECTIONS: Final = 64
KEEPALIVE_S: Final = 4.0  # below the 5 s after which many servers close
DRAIN_BYTES: Final = 16_384
DRAIN_S: Final = 0.5
SHOWN_MAX: Final = 1_000
"""Characters of an answer's body that the log shows."""


class RefusedAddressError(OSError):
    """The host stands for an address that is not public."""


class ThreadResolver(AbstractResolver):
    """The system's resolver on threads of its own: it can hang, and must not hold up others."""

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="webhook-dns")

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await asyncio.get_running_loop().run_in_executor(
            self._pool, _getaddrinfo, host, port, family
        )
        return [
            ResolveResult(
                hostname=host,
                host=str(address[0]),
                port=port,
                family=kind,
                proto=protocol,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for kind, _, protocol, _, address in found
        ]

    @override
    async def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)


def _getaddrinfo(host: str, port: int, family: socket.AddressFamily) -> list[Any]:
    return socket.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)


class VettingResolver(AbstractResolver):
    """Refuses a name unless every address it stands for is public; the client connects to these."""

    def __init__(self, inner: AbstractResolver) -> None:
        self._inner = inner

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        if not found or not all(is_public(result["host"]) for result in found):
            raise RefusedAddressError("the host's address is not public")
        return found

    @override
    async def close(self) -> None:
        await self._inner.close()


def public_socket(address: tuple[Any, ...]) -> socket.socket:
    """A socket for one resolved address: the last look, which literal addresses cannot pass by."""
    family, kind, protocol, _, where = address
    if not is_public(where[0]):
        raise RefusedAddressError("the host's address is not public")
    return socket.socket(family, kind, protocol)


class Sender:
    """Sends one body at a time, many side by side. Open it with `async with`."""

    def __init__(
        self,
        clock: Clock,
        *,
        allow_private: bool,
        timeout_s: float = TIMEOUT_S,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._clock = clock
        self._allow_private = allow_private
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._resolver = resolver
        self._stack = AsyncExitStack()
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        resolver = self._resolver or ThreadResolver(CONNECTIONS)
        self._stack.push_async_callback(resolver.close)
        connector = aiohttp.TCPConnector(
            resolver=resolver if self._allow_private else VettingResolver(resolver),
            socket_factory=None if self._allow_private else public_socket,
            use_dns_cache=False,
            limit=CONNECTIONS,
            keepalive_timeout=KEEPALIVE_S,
        )
        self._session = await self._stack.enter_async_context(
            aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=self._timeout,
                auto_decompress=False,
                trust_env=False,
                headers={"User-Agent": "Susa-Webhooks/1"},
            )
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        self._session = None
        await self._stack.aclose()

    async def post(self, url: str, headers: Mapping[str, str], body: str) -> Answer:
        """One attempt; whatever goes wrong on the way is in the answer."""
        if self._session is None:
            raise RuntimeError("the sender is not open")
        try:
            check_url(url, allow_private=self._allow_private)
            async with self._session.post(
                url, data=body.encode(), headers=headers, allow_redirects=False
            ) as response:
                return self._answer(response, await _drain(response))
        except UrlRefusedError as error:
            return Answer(None, str(error))
        except TimeoutError:
            return Answer(None, f"no answer within {self._timeout.total:g} s")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Answer(None, _said(error))

    def _answer(self, response: aiohttp.ClientResponse, body: str) -> Answer:
        answer = Answer(response.status, body=body)
        if answer.accepted:
            return answer
        wait = retry_after(response.headers.get("Retry-After"), self._clock.now())
        return Answer(response.status, f"answered {response.status}", wait, body)


async def _drain(response: aiohttp.ClientResponse) -> str:
    """Take a short body in, so that the connection can be used again; how it begins.

    Only for the partner's log: a PostgreSQL text holds no NUL, and what is not UTF-8 is replaced.
    """
    with contextlib.suppress(TimeoutError, aiohttp.ClientError, OSError):
        async with asyncio.timeout(DRAIN_S):
            begun = await response.content.read(DRAIN_BYTES)
            return begun.decode(errors="replace").replace("\0", "")[:SHOWN_MAX]
    return ""


def _said(error: Exception) -> str:
    """The error in words for the partner; a refused address is not told."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, RefusedAddressError):
            return str(cause)
        cause = cause.__cause__
    if isinstance(error, ssl.SSLError | aiohttp.ClientSSLError):
        return f"TLS failed: {error}"
    return f"{type(error).__name__}: {error}"
