"""Quotas, shedding, stale answers, gzip, tracing and metrics, as a client meets them."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import date
from ipaddress import ip_network

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.types import Receive, Scope, Send

from services.gateway.forwarding import body
from services.gateway.traffic import lane as lanes
from services.gateway.traffic.breaker import FAILURES_MIN
from services.gateway.traffic.deprecation import Deprecated, by_operation
from shared.auth import Caller
from tests.conftest import Serve
from tests.services.gateway.conftest import SISTERS, Gateway, bearer, start_with
from tests.services.gateway.webhooks.support import until

pytestmark = pytest.mark.anyio

PROBLEM = "application/problem+json"
TRACKED = "/v1/tracking/610000000000000042731796"


class Sister:
    """Answers as it is told to; counts what it was asked."""

    def __init__(self) -> None:
        self.status = 200
        self.body = b'{"status": "in_transit"}'
        self.headers: list[tuple[bytes, bytes]] = []
        self.asked = 0
        self.seen: dict[str, str] = {}
        self.hold: asyncio.Event | None = None

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        self.asked += 1
        self.seen = {k.decode(): v.decode("latin-1") for k, v in scope["headers"]}
        if self.hold is not None:
            await self.hold.wait()
        headers = [(b"content-type", b"application/json"), *self.headers]
        headers += [(b"content-length", str(len(self.body)).encode())]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


@pytest.fixture
def sister() -> Sister:
    return Sister()


@pytest.fixture(params=["in_process", "http"])
async def either(
    request: pytest.FixtureRequest, serve: Serve, sister: Sister
) -> AsyncIterator[Gateway]:
    async with AsyncExitStack() as stack:
        yield await start_with(stack, serve, dict.fromkeys(SISTERS, sister), request.param)


@pytest.fixture
async def gateway(serve: Serve, sister: Sister) -> AsyncIterator[Gateway]:
    async with AsyncExitStack() as stack:
        yield await start_with(stack, serve, dict.fromkeys(SISTERS, sister), "in_process")


def agreed(account: str, **quotas: int) -> Callable[[str], dict[str, int]]:
    return lambda asked: quotas if asked == account else {}


def at(gateway: Gateway, client: str) -> httpx.AsyncClient:
    """A client that comes from this address."""
    transport = httpx.ASGITransport(
        app=gateway.front, raise_app_exceptions=False, client=(client, 50_000)
    )
    return httpx.AsyncClient(transport=transport, base_url="http://gateway.test")


class TestQuotas:
    async def test_a_flood_is_refused_and_slows_nobody_else(
        self, gateway: Gateway, sister: Sister
    ) -> None:
        quotas = gateway.gate.traffic.quotas
        quotas.monotonic = gateway.ticks
        flood = bearer(await gateway.issue("parcels:read", "parcels:book"))
        other = bearer(await gateway.issue())
        flooder = (await gateway.client.get("/v1/parcels", headers=flood)).headers
        assert flooder["ratelimit-policy"] == '"reads";q=6000;w=60'
        assert flooder["ratelimit"] == '"reads";r=5999;t=1'
        account = await self.account(gateway, flood)
        gateway.ticks.at += 1
        quotas.agreed = agreed(account, reads=3, bookings=0)
        assert [await self.ask(gateway, flood) for _ in range(4)] == [200, 200, 200, 429]
        asked = sister.asked
        refused = await gateway.client.get("/v1/parcels", headers=flood)
        assert refused.json()["code"] == "too_many_requests"
        assert refused.headers["content-type"] == PROBLEM
        assert refused.headers["retry-after"] == "20"
        assert refused.headers["ratelimit"] == '"reads";r=0;t=60'
        assert refused.headers["ratelimit-policy"] == '"reads";q=3;w=60'
        assert sister.asked == asked
        assert await self.ask(gateway, other) == 200
        assert (await gateway.client.get("/v1/towns", headers=flood)).status_code == 200
        none = await gateway.client.post("/v1/parcels", json={}, headers=flood)
        assert (none.status_code, none.headers["retry-after"]) == (429, "60")
        gateway.ticks.at += 20.1
        assert await self.ask(gateway, flood) == 200

    async def test_anonymous_by_address_and_loaders_of_the_past_not_at_all(
        self, gateway: Gateway
    ) -> None:
        quotas = gateway.gate.traffic.quotas
        quotas.agreed = agreed("anonymous", public=2)
        quotas.monotonic = gateway.ticks
        async with at(gateway, "10.9.9.1") as one, at(gateway, "10.9.9.2") as other:
            forged = {"X-Forwarded-For": "1.2.3.4"}
            statuses = [(await one.get("/v1/towns")).status_code for _ in range(2)]
            statuses.append((await one.get("/v1/towns", headers=forged)).status_code)
            assert statuses == [200, 200, 429]
            assert (await one.get("/livez")).status_code == 200
            assert (await other.get("/v1/towns")).status_code == 200
            front = gateway.front
            front.gate = replace(gateway.gate, proxies=(ip_network("10.9.9.0/24"),))
            assert (await one.get("/v1/towns", headers=forged)).status_code == 200
        quotas.agreed = agreed("anonymous", writes=1)
        async with at(gateway, "10.9.8.1") as one:  # a form is no more reading than what it asks
            assert [(await one.post("/complain")).status_code for _ in range(2)] == [403, 429]
        loader = await gateway.issue("parcels:read", "backfill")
        answer = await gateway.client.get("/v1/parcels", headers=bearer(loader))
        assert "ratelimit" not in answer.headers
        tester = await gateway.issue("parcels:read", "backfill", world="test")  # as all may make
        quotas.agreed = agreed(str(gateway.partner_id), reads=1)
        asked = [await self.ask(gateway, bearer(tester)) for _ in range(2)]
        assert asked == [200, 429]

    async def test_guesses_end_where_a_good_key_goes_on(self, gateway: Gateway) -> None:
        guesses, keyring = gateway.gate.traffic.guesses, gateway.gate.keyring
        guesses.monotonic, guesses.most = gateway.ticks, 3
        good, fresh = bearer(await gateway.issue()), bearer(await gateway.issue())
        assert await self.ask(gateway, good) == 200
        made_up = [bearer("susa_live_" + letter * 43) for letter in "ABCDE"]
        statuses = [await self.ask(gateway, headers) for headers in made_up]
        assert statuses == [401, 401, 401, 429, 429]
        assert not any(keyring.knows(headers["Authorization"].encode()) for headers in made_up)
        assert [await self.ask(gateway, headers) for headers in (good, fresh)] == [200, 429]
        async with at(gateway, "10.9.9.1") as other:
            assert (await other.get("/v1/parcels", headers=fresh)).status_code == 200
        gateway.ticks.at += 61
        assert await self.ask(gateway, made_up[0]) == 401

    async def test_waits_for_news_are_few(
        self, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("services.gateway.traffic.quotas.WAITS_MAX", 1)
        waiter, other = bearer(await gateway.issue()), bearer(await gateway.issue())
        waits = gateway.gate.traffic.waits
        first = asyncio.create_task(gateway.client.get("/v1/events?wait=5", headers=waiter))
        await until(lambda: bool(waits._counts))
        assert (await gateway.client.get("/v1/events", headers=waiter)).status_code == 429
        assert (await gateway.client.get("/v1/events", headers=other)).status_code == 200
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        assert not waits._counts

    async def test_they_are_bounded(
        self, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("services.gateway.traffic.quotas.CLIENTS_MAX", 10)
        quotas = gateway.gate.traffic.quotas
        for n in range(40):
            quotas.take(Caller(f"shop-{n}", "shop", frozenset()), "", "reads")
        assert len(quotas._buckets) == 10

    async def ask(self, gateway: Gateway, headers: dict[str, str]) -> int:
        return (await gateway.client.get("/v1/parcels", headers=headers)).status_code

    async def account(self, gateway: Gateway, headers: dict[str, str]) -> str:
        keyring = gateway.gate.keyring
        return (await keyring.caller(headers["Authorization"].encode())).id


class TestOverload:
    async def test_payments_pass_where_reports_are_shed(
        self, gateway: Gateway, sister: Sister, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(lanes, "QUEUE_MAX", 0)
        gateway.gate.traffic.lane("parcels", "live").adaptive._limit = 16
        sister.hold = asyncio.Event()
        readers = [bearer(await gateway.issue("reports:read")) for _ in range(2)]
        bank = bearer(await gateway.issue("payments:execute", kind="bank"))
        report, orders = "/v1/statistics/volumes?period=1397", "/v1/bank/payment-orders"
        held = [
            asyncio.create_task(gateway.client.get(report, headers=readers[n % 2]))
            for n in range(8)
        ]
        await until(lambda: sister.asked == 8)  # before payments take of the room they share
        held += [asyncio.create_task(gateway.client.get(orders, headers=bank)) for _ in range(4)]
        await until(lambda: sister.asked == 12)
        shed = await gateway.client.get(report, headers=readers[0])
        assert (shed.status_code, shed.json()["code"]) == (503, "overloaded")
        assert int(shed.headers["retry-after"]) >= 1
        paid = asyncio.create_task(gateway.client.get(orders, headers=bank))
        await until(lambda: sister.asked == 13)
        sister.hold.set()
        assert {answer.status_code for answer in await asyncio.gather(paid, *held)} == {200}
        assert gateway.gate.traffic.lane("parcels", "live").in_flight == 0

    async def test_a_failing_sister_is_left_alone_and_tried_again(
        self, either: Gateway, sister: Sister
    ) -> None:
        lane = either.gate.traffic.lane("offices", "live")
        lane.monotonic = either.ticks
        sister.status = 503
        for _ in range(FAILURES_MIN):
            assert (await either.client.get("/v1/towns")).status_code == 503
        asked = sister.asked
        refused = await either.client.get("/v1/towns")
        assert refused.json()["code"] == "sister_unavailable"
        assert refused.headers["retry-after"] == "2"
        assert sister.asked == asked
        sister.status = 200
        assert (await either.client.get("/v1/lines")).status_code == 200  # parcels is not offices
        either.ticks.at += 2.1
        assert (await either.client.get("/v1/towns")).status_code == 200
        assert (await either.client.get("/v1/towns")).status_code == 200

    async def test_a_slow_body_keeps_no_sister_busy(
        self, gateway: Gateway, sister: Sister, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(body.gathered, "__defaults__", (0.01,))

        async def trickle() -> AsyncIterator[bytes]:
            yield b"{"
            await asyncio.Event().wait()

        refused = await gateway.client.post("/v1/quotes", content=trickle())
        assert (refused.status_code, refused.json()["code"]) == (408, "slow_body")
        assert refused.headers["connection"] == "close"
        assert sister.asked == 0


class TestStale:
    async def test_tracking_goes_on_for_an_hour(self, either: Gateway, sister: Sister) -> None:
        kept = either.gate.traffic.stale
        kept.monotonic = either.ticks
        sister.headers = [(b"etag", b'"a"'), (b"content-language", b"fa")]
        fresh = await either.client.get(TRACKED)
        assert "age" not in fresh.headers
        sister.status, sister.body = 503, b"{}"
        either.ticks.at += 3599
        old = await either.client.get(TRACKED)
        assert (old.status_code, old.content) == (200, fresh.content)
        assert old.headers["age"] == "3599"
        assert old.headers["cache-status"] == "susa; hit; ttl=-3599"
        assert old.headers["content-language"] == "fa"
        known = await either.client.get(TRACKED, headers={"If-None-Match": 'W/"a"'})
        assert (known.status_code, known.content) == (304, b"")
        for other in (f"{TRACKED}?lang=en", f"{TRACKED}1", f"{TRACKED}?phone=1234"):
            assert (await either.client.get(other)).status_code == 503
        for _ in range(FAILURES_MIN):
            assert (await either.client.get(TRACKED)).status_code == 200
        asked = sister.asked
        assert (await either.client.get(TRACKED)).status_code == 200  # the breaker is open
        assert sister.asked == asked
        either.ticks.at += 2
        assert (await either.client.get(TRACKED)).status_code == 503

    async def test_only_what_anyone_may_see(self, gateway: Gateway, sister: Sister) -> None:
        shop = bearer(await gateway.issue("parcels:read"))
        paths = (TRACKED, "/v1/parcels/1", "/v1/towns")
        for path in paths:
            assert (await gateway.client.get(path, headers=shop)).status_code == 200
        sister.status = 503
        for path in paths:
            assert (await gateway.client.get(path, headers=shop)).status_code == 503
        assert (await gateway.client.get(TRACKED)).status_code == 503

    async def test_it_is_as_fresh_as_what_was_said_last(
        self, gateway: Gateway, sister: Sister
    ) -> None:
        kept = gateway.gate.traffic.stale
        kept.monotonic = gateway.ticks
        sister.headers = [(b"etag", b'"a"')]
        await gateway.client.get(TRACKED)
        gateway.ticks.at += 3000
        sister.status = 304  # to one who had it: so it still is
        await gateway.client.get(TRACKED, headers={"If-None-Match": '"a"'})
        gateway.ticks.at += 3000
        sister.status = 503
        assert (await gateway.client.get(TRACKED)).headers["age"] == "3000"
        sister.status = 404
        assert (await gateway.client.get(TRACKED)).status_code == 404
        sister.status = 503
        assert (await gateway.client.get(TRACKED)).status_code == 503
        assert kept.bytes == 0

    async def test_a_404_is_not_kept_and_the_cache_is_bounded(
        self, gateway: Gateway, sister: Sister, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("services.gateway.traffic.stale.ENTRIES_MAX", 3)
        for n in range(5):
            await gateway.client.get(f"{TRACKED}{n}")
        sister.status = 404
        await gateway.client.get(TRACKED)
        sister.status = 500
        statuses = [(await gateway.client.get(f"{TRACKED}{n}")).status_code for n in range(5)]
        assert statuses == [500, 500, 200, 200, 200]
        assert (await gateway.client.get(TRACKED)).status_code == 500


class TestAnswers:
    async def test_gzip_for_who_likes_it_and_conditional_requests(
        self, either: Gateway, sister: Sister
    ) -> None:
        sister.body = b'{"towns": [' + b'"ahvaz", ' * 500 + b"1]}"
        sister.headers = [(b"etag", b'"strong"'), (b"vary", b"accept-language")]
        headers = {"Accept-Encoding": "gzip"}
        async with either.client.stream("GET", "/v1/towns", headers=headers) as answer:
            raw = b"".join([chunk async for chunk in answer.aiter_raw()])
        assert gzip.decompress(raw) == sister.body
        assert answer.headers["content-encoding"] == "gzip"
        assert answer.headers["content-length"] == str(len(raw))
        assert answer.headers["etag"] == 'W/"strong"'
        assert answer.headers["vary"] == "accept-language, accept-encoding"
        plain = await either.client.get("/v1/towns", headers={"Accept-Encoding": "identity"})
        assert "content-encoding" not in plain.headers
        assert plain.headers["etag"] == '"strong"'
        await either.client.get("/v1/towns", headers={"If-None-Match": 'W/"strong"'})
        assert sister.seen["if-none-match"] == 'W/"strong"'
        assert "accept-encoding" not in sister.seen or either.topology == "http"

    @pytest.mark.parametrize(
        "headers",
        [
            [(b"cache-control", b"no-store")],
            [(b"content-encoding", b"br")],
        ],
    )
    async def test_secrets_and_what_is_coded_stay_as_they_are(
        self, gateway: Gateway, sister: Sister, headers: list[tuple[bytes, bytes]]
    ) -> None:
        sister.body, sister.headers = b'"' + b"x" * 5000 + b'"', headers
        wish = {"Accept-Encoding": "gzip"}
        async with gateway.client.stream("GET", "/v1/towns", headers=wish) as answer:
            assert b"".join([chunk async for chunk in answer.aiter_raw()]) == sister.body

    async def test_a_trace_passes_and_deprecation_is_told(
        self, gateway: Gateway, sister: Sister
    ) -> None:
        parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        line = Deprecated("GET", "/v1/towns", date(2026, 1, 1), date(2027, 1, 1), "/v2/towns")
        gateway.front._deprecated = by_operation([line])
        answer = await gateway.client.get("/v1/towns", headers={"Traceparent": parent})
        assert sister.seen["traceparent"].startswith("00-4bf92f3577b34da6a3ce929d0e0e4736-")
        assert sister.seen["traceparent"] != parent
        assert answer.headers["deprecation"] == "@1767225600"
        assert answer.headers["sunset"] == "Fri, 01 Jan 2027 00:00:00 GMT"
        assert "deprecation" not in (await gateway.client.get("/v1/lines")).headers


class TestMetrics:
    def total(self, text: str, name: str, **labels: str) -> float:
        found = 0.0
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                if sample.name == name and labels.items() <= sample.labels.items():
                    found += sample.value
        return found

    async def test_what_happened_is_counted_without_naming_anyone(
        self, gateway: Gateway, sister: Sister
    ) -> None:
        before = (await gateway.client.get("/metrics")).text
        gateway.gate.traffic.quotas.monotonic = gateway.ticks
        gateway.gate.traffic.quotas.agreed = agreed("anonymous", public=2)
        for _ in range(3):
            await gateway.client.get(TRACKED)
        sister.status = 503
        gateway.ticks.at += 60
        await gateway.client.get(TRACKED)
        after = await gateway.client.get("/metrics")
        assert after.headers["content-type"].startswith("text/plain")

        def more(name: str, **labels: str) -> float:
            return self.total(after.text, name, **labels) - self.total(before, name, **labels)

        counted = "susa_request_seconds_count"
        assert more(counted, service="parcels", traffic="public", status="200") == 3
        assert more(counted, service="parcels", traffic="public", status="429") == 1
        assert more("susa_limited_total", service="parcels", traffic="public") == 1
        assert more("susa_stale_total", service="parcels") == 1
        assert self.total(after.text, "susa_in_flight", service="parcels", world="live") == 0
        assert self.total(after.text, "susa_in_flight_limit", service="parcels") == 64
        assert "610000" not in after.text

    async def test_for_operators_and_this_machine_only(self, gateway: Gateway) -> None:
        operator = bearer(await gateway.issue("operations:read", kind="staff"))
        shop = bearer(await gateway.issue("parcels:read"))
        proxied = {"X-Forwarded-For": "8.8.8.8"}
        async with at(gateway, "10.1.1.1") as far:
            assert (await far.get("/metrics")).status_code == 401
            assert (await far.get("/metrics", headers=shop)).status_code == 403
            assert (await far.get("/metrics", headers=operator)).status_code == 200
        async with at(gateway, "::1") as near:
            assert (await near.get("/metrics")).status_code == 200
            assert (await near.get("/metrics", headers=proxied)).status_code == 401
