"""What the sender reaches and what it refuses, with a canary on loopback that must not sing."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from typing_extensions import override

from services.gateway.webhooks import sender as sender_module
from services.gateway.webhooks.domain import Answer
from services.gateway.webhooks.sender import (
    RefusedAddressError,
    Sender,
    VettingResolver,
    public_socket,
)
from shared.clock import FrozenClock
from tests.conftest import START
from tests.services.gateway.webhooks.test_addresses import PRIVATE

pytestmark = pytest.mark.anyio

RESPONSE = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok"


@dataclass
class Canary:
    """Counts connections on both loopbacks and keeps the requests' first bytes."""

    port: int = 0
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)
    answer: bytes = RESPONSE

    async def on_connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            self.requests.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(self.answer)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def listening(tls: ssl.SSLContext | None = None) -> AsyncIterator[Canary]:
    canary = Canary()
    server = await asyncio.start_server(canary.on_connect, "127.0.0.1", 0, ssl=tls)
    canary.port = server.sockets[0].getsockname()[1]
    both = [server]
    if socket.has_dualstack_ipv6():
        both.append(await asyncio.start_server(canary.on_connect, "::1", canary.port, ssl=tls))
    try:
        yield canary
    finally:
        for each in both:
            each.close()
            await each.wait_closed()


class Names(AbstractResolver):
    """A resolver that knows what it is told, and counts."""

    def __init__(self, *addresses: str) -> None:
        self._addresses = addresses
        self.asked: list[str] = []

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        self.asked.append(host)
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in self._addresses
        ]

    @override
    async def close(self) -> None:
        pass


async def send(
    url: str, *, allow_private: bool = False, resolver: AbstractResolver | None = None
) -> Answer:
    sender = Sender(
        FrozenClock(START), allow_private=allow_private, timeout_s=60, resolver=resolver
    )
    async with sender:
        return await sender.post(url, {"content-type": "application/json"}, "{}")


HOSTS = [
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",
    "127.0.1",
    "127.127.127.127",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0x7f.1",
    "017700000001",
    "0177.0.0.1",
    "0177.1",
    "00000177.0.0.1",
    "0",
    "0.0.0.0",  # noqa: S104 - refused, not bound
    "localhost",
    "localhost.",
    "LOCALHOST",
    "ip6-localhost",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "１２７.0.0.1",
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[0000::0001]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:7f00:0001]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2002:7f00:0001::1]",
    "[2001:0:7f00:1::80ff:fffe]",
    "[::1%25lo]",
    "[fe80::1%25lo]",
    "me@127.0.0.1",
    "me:pw@localhost",
    "shop.example@127.0.0.1",
]


class TestRefused:
    @pytest.mark.parametrize("scheme", ["https", "http"])
    async def test_forms_of_loopback(self, scheme: str) -> None:
        async with listening() as canary:
            for host in HOSTS:
                answer = await send(f"{scheme}://{host}:{canary.port}/hooks")
                assert answer.status is None, host
                assert answer.error, host
            assert canary.connections == 0

    async def test_the_canary_sings_when_it_may(self) -> None:
        async with listening() as canary:
            answer = await send(f"http://127.0.0.1:{canary.port}/hooks", allow_private=True)
            assert answer == Answer(200)
            assert canary.connections == 1
            assert canary.requests[0].startswith(b"POST /hooks HTTP/1.1\r\n")

    @pytest.mark.parametrize("address", [a for a in PRIVATE if a and not a[0].isalpha()])
    async def test_a_name_that_stands_for_it(self, address: str) -> None:
        answer = await send("https://shop.example/", resolver=Names(address))
        assert answer == Answer(None, "the host's address is not public")

    @pytest.mark.parametrize(
        ("url", "error"),
        [
            ("http://shop.example/", "use https"),
            ("https://me:pw@shop.example/", "leave out the user name and password"),
        ],
    )
    async def test_a_url_that_would_not_be_registered_now(self, url: str, error: str) -> None:
        names = Names("1.1.1.1")
        assert await send(url, resolver=names) == Answer(None, error)
        assert names.asked == []

    async def test_a_name_with_one_bad_address_among_good_ones(self) -> None:
        async with listening() as canary:
            for addresses in (("127.0.0.1", "1.1.1.1"), ("2606:4700::1111", "1.1.1.1", "::1")):
                names = Names(*addresses)
                answer = await send(f"https://shop.example:{canary.port}/", resolver=names)
                assert answer == Answer(None, "the host's address is not public")
            assert canary.connections == 0

    async def test_a_name_without_an_address(self) -> None:
        answer = await send("https://shop.example/", resolver=Names())
        assert answer == Answer(None, "the host's address is not public")

    @pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "10.0.0.1"])
    def test_the_last_look_before_a_socket(self, address: str) -> None:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with pytest.raises(RefusedAddressError):
            public_socket((family, socket.SOCK_STREAM, 6, "", (address, 443)))

    async def test_the_last_look_holds_where_the_first_is_blind(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Rebinding between look and connection, or a literal that the resolver never sees."""

        async def blind(
            self: VettingResolver, host: str, port: int = 0, family: int = 0
        ) -> list[ResolveResult]:
            return await Names("127.0.0.1").resolve(host, port)

        monkeypatch.setattr(VettingResolver, "resolve", blind)
        async with listening() as canary:
            answer = await send(f"https://shop.example:{canary.port}/")
            assert answer == Answer(None, "the host's address is not public")
            assert canary.connections == 0

    async def test_the_environments_proxy_is_not_asked(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with listening() as proxy, listening() as canary:
            for name in ("http_proxy", "https_proxy", "HTTPS_PROXY", "ALL_PROXY"):
                monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
            await send(f"http://127.0.0.1:{canary.port}/", allow_private=True)
            assert (proxy.connections, canary.connections) == (0, 1)


class TestPinned:
    async def test_one_look_up_and_the_name_in_the_host_header(self) -> None:
        names = Names("127.0.0.1")
        async with listening() as canary:
            url = f"http://shop.example:{canary.port}/hooks"
            assert await send(url, allow_private=True, resolver=names) == Answer(200)
            assert f"Host: shop.example:{canary.port}\r\n".encode() in canary.requests[0]
        assert names.asked == ["shop.example"]

    async def test_tls_names_the_host_and_checks_the_certificate(self, tmp_path: Path) -> None:
        asked: list[str | None] = []
        context = self_signed(tmp_path, "shop.example")
        context.sni_callback = lambda _s, name, _c: asked.append(name)
        async with listening(context) as canary:
            url = f"https://shop.example:{canary.port}/"
            answer = await send(url, allow_private=True, resolver=Names("127.0.0.1"))
            assert answer.status is None
            assert "certificate" in (answer.error or "")
            assert asked == ["shop.example"]
            assert canary.requests == []


def self_signed(folder: Path, host: str) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


class TestAnswers:
    @pytest.mark.parametrize(
        ("raw", "status"),
        [
            (b"HTTP/1.1 204 No Content\r\nset-cookie: a=b\r\n\r\n", 204),
            (b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\nstarts and breaks off", 200),
            (b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\nbad", 200),
            (b"HTTP/1.1 200 OK\r\nx: " + b"x" * 100_000 + b"\r\n\r\n", None),
            (b"SSH-2.0-OpenSSH_9.2\r\n", None),
            (b"", None),
        ],
    )
    async def test_odd_servers(self, raw: bytes, status: int | None) -> None:
        async with listening() as canary:
            canary.answer = raw
            answer = await send(f"http://127.0.0.1:{canary.port}/", allow_private=True)
            assert answer.status == status
            assert (answer.error is None) is (status is not None)

    async def test_no_answer_in_time(self) -> None:
        never = asyncio.Event()

        async def hang(_r: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await never.wait()
            writer.close()

        server = await asyncio.start_server(hang, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        sender = Sender(FrozenClock(START), allow_private=True, timeout_s=0.2)
        async with sender:
            answer = await sender.post(f"http://127.0.0.1:{port}/", {}, "{}")
        never.set()
        server.close()
        await server.wait_closed()
        assert answer == Answer(None, "no answer within 0.2 s")


DISGUISED = [
    "127.0.0.2",
    "127.255.255.254",
    "127.00.00.01",
    "0127.0.0.1",
    "0x7F.0X0.0.1",
    "0x7f.0x00.0x00.0x01",
    "0x0000007f000001",
    "017700000001.",
    "0177.0000.0000.0001",
    "127.0x0.0.01",
    "2130706433.",
    "4294967295",
    "0x0",
    "00",
    "0.0",
    "0.0.0.0.",
    "localhost.localdomain",
    "localhost4",
    "ip6-loopback",
    "LocalHost.",
    "[0:0:0:0:0:ffff:127.0.0.1]",
    "[::ffff:127.0.0.2]",
    "[::ffff:7f00:0002]",
    "[::7f00:1]",
    "[0::1]",
    "[::0:1]",
    "[64:ff9b:0:0:0:0:7f00:1]",
    "[64:ff9b:1:ffff::127.0.0.1]",
    "[2002:7f00:1:0:0:0:0:1]",
    "[2002:a00:1::]",
    "[fe80::1]",
    "[fc00::1]",
    "[fec0::1]",
    "[ff02::1]",
    "[::1%251]",
    "@127.0.0.1",
    "1.1.1.1@127.0.0.1",
    "a:b@[::1]",
    "localhost%00.shop.example",
    "127.0.0.1%2f.shop.example",
]


class Rebinding(AbstractResolver):
    """A name that is public on one look and this machine on the next, and now and then both."""

    def __init__(self) -> None:
        self.looks = 0

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        turns = (("1.1.1.1",), ("127.0.0.1",), ("2606:4700::1111", "::1"), ("::ffff:127.0.0.1",))
        addresses = turns[self.looks % len(turns)]
        self.looks += 1
        return await Names(*addresses).resolve(host, port, family)

    @override
    async def close(self) -> None:
        pass


class TestNoConnectionReachesTheCanary:
    async def test_by_eighty_addresses(self) -> None:
        hosts = {*HOSTS, *DISGUISED}
        assert len(hosts) >= 80
        async with listening() as canary:
            sender = Sender(FrozenClock(START), allow_private=False, timeout_s=60)
            async with sender:
                for host in sorted(hosts):
                    for scheme in ("https", "http"):
                        answer = await sender.post(f"{scheme}://{host}:{canary.port}/", {}, "{}")
                        assert answer.status is None, host
            assert canary.connections == 0

    async def test_by_a_name_that_is_rebound(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Each attempt looks once, and only what that look found public gets a socket."""
        opened: list[str] = []

        def noted(address: tuple[Any, ...]) -> socket.socket:
            public_socket(address).close()
            opened.append(address[4][0])
            raise OSError("tests do not leave this machine")

        monkeypatch.setattr(sender_module, "public_socket", noted)
        resolver = Rebinding()
        async with listening() as canary:
            sender = Sender(
                FrozenClock(START), allow_private=False, timeout_s=60, resolver=resolver
            )
            async with sender:
                for n in range(1, 41):
                    answer = await sender.post(f"https://shop.example:{canary.port}/", {}, "{}")
                    assert answer.status is None
                    assert resolver.looks == n
            assert canary.connections == 0
        assert opened == ["1.1.1.1"] * 10
