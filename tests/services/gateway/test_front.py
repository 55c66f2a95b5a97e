"""What the front lets through, what it refuses and how, in both topologies."""

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from shared.auth import Caller, Minter, read_private
from shared.patience import PATIENCE
from tests.conftest import Serve
from tests.services.gateway.conftest import Gateway, bearer, echo_of, start

pytestmark = pytest.mark.anyio

PROBLEM = "application/problem+json"


def values(told: dict[str, Any], name: str) -> list[str]:
    return [value for key, value in told["headers"] if key == name]


class TestHeaders:
    async def test_forged_internal_headers_do_not_pass(self, gateway: Gateway) -> None:
        forged = {
            "X-Forwarded-For": "10.9.9.9",
            "X-Forwarded-Proto": "https",
            "X-Forwarded-Host": "evil.test",
            "Forwarded": "for=10.9.9.9",
            "X-Real-IP": "10.9.9.9",
            "Susa-Deadline-Ms": "999999999",
            "Susa-Anything": "1",
            "Susa-Case-Secret": "abc",
            "Susa-Survey-Secret": "def",
            "X-Own": "kept",
        }
        told = (await gateway.client.get("/v1/towns", headers=forged)).json()
        assert values(told, "x-forwarded-for") == ["127.0.0.1"]
        assert values(told, "x-forwarded-proto") == ["http"]
        assert values(told, "susa-deadline-ms") == [f"{10_000 * PATIENCE:.0f}"]
        assert values(told, "susa-case-secret") == ["abc"]
        assert values(told, "susa-survey-secret") == ["def"]
        assert values(told, "x-own") == ["kept"]
        for name in ("x-forwarded-host", "forwarded", "x-real-ip", "susa-anything"):
            assert values(told, name) == []

    async def test_hop_by_hop_headers_stop_here(self, gateway: Gateway) -> None:
        hops = {
            "Connection": "keep-alive, X-Nominated",
            "X-Nominated": "1",
            "TE": "trailers",
            "Proxy-Authorization": "Basic eA==",
            "Keep-Alive": "timeout=5",
        }
        told = (await gateway.client.get("/v1/towns", headers=hops)).json()
        for name in ("x-nominated", "te", "proxy-authorization", "keep-alive"):
            assert values(told, name) == []

    async def test_path_query_and_repeated_headers_arrive_as_written(
        self, gateway: Gateway
    ) -> None:
        answer = await gateway.client.get("/v1/offices/KZ%D9%A1%2E%2E?q=a%20b&q=%D8%B4")
        told = answer.json()
        assert told["raw_path"] == "/v1/offices/KZ%D9%A1%2E%2E"
        assert told["query"] == "q=a%20b&q=%D8%B4"
        assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]

    async def test_a_sane_request_id_is_kept_and_echoed(self, gateway: Gateway) -> None:
        answer = await gateway.client.get("/v1/towns", headers={"X-Request-Id": "order-17.a_B"})
        assert answer.headers["x-request-id"] == "order-17.a_B"
        assert values(answer.json(), "x-request-id") == ["order-17.a_B"]

    @pytest.mark.parametrize("bad", ["", "a b", "x" * 129, "a\tb", "é"])
    async def test_any_other_is_replaced(self, near: Gateway, bad: str) -> None:
        headers = {b"X-Request-Id": bad.encode("latin-1")}
        answer = await near.client.get("/v1/nothing", headers=headers)
        assert len(answer.headers["x-request-id"]) == 36


class TestKeys:
    async def test_anonymous_is_nobody_in_the_live_world(self, gateway: Gateway) -> None:
        told = (await gateway.client.get("/v1/towns")).json()
        assert told["caller"] == {
            "id": "anonymous",
            "kind": "anonymous",
            "scopes": [],
            "world": "live",
            "office": None,
        }

    async def test_a_key_becomes_its_holders_token(self, gateway: Gateway) -> None:
        key = await gateway.issue("scans:write", kind="staff", office="KZ00012", world="test")
        answer = await gateway.client.post("/v1/scans", json={}, headers=bearer(key))
        assert answer.json()["caller"] == {
            "id": str(gateway.partner_id),
            "kind": "staff",
            "scopes": ["scans:write"],
            "world": "test",
            "office": "KZ00012",
        }
        assert key.key not in answer.text

    @pytest.mark.parametrize("path", ["/v1/towns", "/v1/parcels", "/livez", "/v1/partners"])
    @pytest.mark.parametrize(
        "authorization",
        ["Bearer susa_live_" + "A" * 43, "Bearer nonsense", "Basic eA==", "Bearer"],
    )
    async def test_a_bad_key_is_401_even_where_none_is_needed(
        self, near: Gateway, path: str, authorization: str
    ) -> None:
        refused = await near.client.get(path, headers={"Authorization": authorization})
        assert refused.status_code == 401
        assert refused.json()["code"] == "key_refused"
        assert refused.headers["content-type"] == PROBLEM
        assert refused.headers["www-authenticate"] == "Bearer"
        assert near.echo.requests == 0

    async def test_internal_tokens_are_not_keys(self, gateway: Gateway) -> None:
        minter = Minter("gateway", read_private(gateway.api.keys / "gateway.jwk"))
        token = minter.token(Caller("gateway", "service", frozenset({"internal"})))
        for path in ("/v1/towns", "/internal/feed?after=0&consumer=x"):
            refused = await gateway.client.get(path, headers=bearer(token))
            assert refused.status_code in {401, 404}
        assert gateway.echo.requests == 0

    async def test_two_authorization_headers_are_400(self, near: Gateway) -> None:
        key = await near.issue()
        twice = [("Authorization", f"Bearer {key.key}")] * 2
        refused = await near.client.get("/v1/towns", headers=twice)
        assert (refused.status_code, refused.json()["code"]) == (400, "bad_request")

    @pytest.mark.parametrize(
        ("scopes", "status"), [(None, 401), (("parcels:read",), 403), (("parcels:book",), 200)]
    )
    async def test_scopes(
        self, gateway: Gateway, scopes: tuple[str, ...] | None, status: int
    ) -> None:
        headers = bearer(await gateway.issue(*scopes)) if scopes else {}
        answer = await gateway.client.post("/v1/parcels", json={}, headers=headers)
        assert answer.status_code == status
        assert gateway.echo.requests == (status == 200)
        if status != 200:
            assert answer.headers["content-type"] == PROBLEM

    async def test_own_routes_check_scopes_too(self, near: Gateway) -> None:
        assert (await near.client.get("/v1/partners")).status_code == 401
        shop = bearer(await near.issue("parcels:read"))
        assert (await near.client.get("/v1/partners", headers=shop)).status_code == 403
        staff = bearer(await near.issue("partners:write", kind="staff"))
        assert (await near.client.get("/v1/partners", headers=staff)).status_code == 200
        sandbox = bearer(await near.issue("partners:write", kind="staff", world="test"))
        assert (await near.client.get("/v1/partners", headers=sandbox)).status_code == 403


class TestRoutes:
    async def test_unknown_paths_are_404(self, near: Gateway) -> None:
        for path in ("/v1/nothing", "/v1", "/v1/offices/", "/v1/offices/a/b/c", "/internal/feed"):
            answer = await near.client.get(path)
            assert answer.status_code == 404, path
            assert answer.headers["content-type"] == PROBLEM
        assert near.echo.requests == 0

    async def test_a_wrong_method_is_405_with_the_right_ones(self, near: Gateway) -> None:
        answer = await near.client.delete("/v1/offices/KZ00012")
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, PATCH")
        assert answer.json()["code"] == "method_not_allowed"
        assert (await near.client.get("/v1/parcels/batch")).headers["allow"] == "POST"

    async def test_the_internal_doors_of_sisters_stay_shut(self, gateway: Gateway) -> None:
        for path in (
            "/internal/cases?barcode=1",
            "/internal/parcels/1/history",
            "/v1/offices/../../internal/feed",
            "/v1/offices/%2e%2e%2f%2e%2e%2finternal%2ffeed",
        ):
            assert (await gateway.client.get(path)).status_code == 404
        assert gateway.echo.requests == 0


class TestLimits:
    async def test_six_megabytes_are_413(self, gateway: Gateway) -> None:
        answer = await gateway.client.post("/v1/quotes", content=b"x" * 6_000_000)
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
        assert gateway.echo.requests == 0

    async def test_also_when_they_come_without_a_length(self, gateway: Gateway) -> None:
        async def endless() -> Any:
            for _ in range(6):
                yield b"x" * 1_000_000

        answer = await gateway.client.post("/v1/quotes", content=endless())
        assert (answer.status_code, answer.headers["content-type"]) == (413, PROBLEM)

    async def test_five_mebibytes_pass(self, gateway: Gateway) -> None:
        answer = await gateway.client.post("/v1/quotes", content=b"x" * 5 * 1024 * 1024)
        assert answer.json()["body_length"] == 5 * 1024 * 1024


class TestTrouble:
    @pytest.mark.parametrize("topology", ["in_process", "http"])
    async def test_a_late_sister(self, serve: Serve, keys: Path, topology: str) -> None:
        """What was asked may be asked again; what was to be done may have been done."""
        async with AsyncExitStack() as stack:
            gateway = await start(stack, serve, echo_of(keys), topology, deadline_s=0.5)
            asked = await gateway.client.get("/v1/offices/late")
            assert (asked.status_code, asked.json()["code"]) == (503, "sister_unavailable")
            assert asked.headers["retry-after"] == "2"
            staff = bearer(await gateway.issue("offices:write", kind="staff"))
            told = await gateway.client.patch("/v1/offices/late", json={}, headers=staff)
            assert (told.status_code, told.json()["code"]) == (504, "deadline_exceeded")
            assert asked.headers["content-type"] == told.headers["content-type"] == PROBLEM
            if topology == "in_process":
                assert gateway.echo.cancelled == 2

    async def test_an_absent_sister_is_503(self, serve: Serve, keys: Path) -> None:
        async with AsyncExitStack() as stack:
            gateway = await start(stack, serve, echo_of(keys), "http")
            absent = {"SUSA_OFFICES_URL": "http://127.0.0.1:1"}
            gateway.api = await serve("gateway", settings=absent)
            gateway.client._transport.app = gateway.api.outer  # type: ignore[attr-defined]
            for path in ("/v1/towns", "/v1/tracking/1"):  # refused, and no address at all
                answer = await gateway.client.get(path)
                assert (answer.status_code, answer.json()["code"]) == (503, "sister_unavailable")
                assert answer.headers["retry-after"] == "1"

    async def test_a_crash_of_a_sister_in_this_process_is_a_problem(self, near: Gateway) -> None:
        answer = await near.client.get("/v1/offices/crash")
        assert (answer.status_code, answer.json()["code"]) == (500, "internal")
        assert answer.headers["content-type"] == PROBLEM

    async def test_before_it_is_open_the_gateway_says_503(self, near: Gateway) -> None:
        near.front.gate = None
        answer = await near.client.get("/v1/towns")
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
