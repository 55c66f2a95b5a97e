"""What the gateway refuses, and what it takes: through real HTTP, in one process."""

import json
import uuid
from typing import Any, Final

import httpx
import pytest

from shared.errors import MEDIA_TYPE
from shared.text import persian_digits
from tests.e2e.actors import Actor, eventually
from tests.factories.parcels import order, scan

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.parametrize("susa", ["one_process"], indirect=True),
    pytest.mark.usefixtures("province"),
]

NUL: Final = "\x00"
LONE_SURROGATE: Final = "\ud83d"
JSON: Final = {"Content-Type": "application/json"}


def problem(answer: httpx.Response, status: int, code: str | None = None) -> dict[str, Any]:
    """The problem details of a refusal, which says by which request it was."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert uuid.UUID(answer.headers["x-request-id"])
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    assert body["type"] == f"urn:susa:problem:{body['code']}"
    assert body["title"]
    if code is not None:
        assert body["code"] == code
    return body


def fields(answer: httpx.Response) -> list[str]:
    """The fields that a 422 names."""
    return [error["field"] for error in problem(answer, 422, "invalid")["errors"]]


@pytest.fixture
async def office(anyone: Actor) -> str:
    """A seeded office."""
    found = await anyone.ask("GET", "/v1/offices", params={"town": "ahvaz", "kind": "post_office"})
    code: str = found["items"][0]["code"]
    return code


@pytest.fixture
async def barcode(shop: Actor, office: str) -> str:
    """Of a parcel of the shop."""

    async def booked() -> str:
        answer = await shop.book(order(office))
        assert answer.status_code == 201, answer.text
        code: str = answer.json()["barcode"]
        return code

    return await eventually(booked)


def wrong(barcode: str) -> str:
    """The barcode with another check digit."""
    return barcode[:-1] + str((int(barcode[-1]) + 1) % 10)


class TestBody:
    async def test_an_unknown_field_is_named(self, shop: Actor, office: str) -> None:
        assert fields(await shop.book(order(office, colour="red"))) == ["body.colour"]
        sender = {**order(office)["sender"], "mood": "good"}
        assert fields(await shop.book(order(office, sender=sender))) == ["body.sender.mood"]

    @pytest.mark.parametrize("bad", [NUL, LONE_SURROGATE], ids=["nul", "lone surrogate"])
    async def test_text_that_cannot_be_stored_is_refused(
        self, shop: Actor, clerk: Actor, anyone: Actor, barcode: str, office: str, bad: str
    ) -> None:
        recipient = {**order(office)["recipient"], "name": f"مریم{bad}"}
        complaint = {
            "about": {"kind": "parcel", "barcode": barcode},
            "category": "delay",
            "text": f"دیر {bad} رسید",
            "complainant": {"name": "مریم", "phone": "09123456789"},
        }
        scans = {"scans": [scan(barcode, "acceptance", office, device=f"d{bad}")]}
        sent = {
            "recipient": (shop, "/v1/parcels", order(office, recipient=recipient)),
            "device": (clerk, "/v1/scans", scans),
            "text": (anyone, "/v1/complaints", complaint),
        }
        for field, (actor, path, body) in sent.items():
            # escaped, as a client sends it: a lone surrogate has no UTF-8 of its own
            raw = json.dumps(body, ensure_ascii=True)
            headers = {**JSON, "Idempotency-Key": str(uuid.uuid4())}
            answer = await actor.send("POST", path, content=raw, headers=headers)
            named = problem(answer, 422, "invalid").get("errors", [{"field": field}])
            assert field in named[0]["field"] or named[0]["field"] == "body", named
        assert (await anyone.ask("GET", f"/v1/tracking/{barcode}"))["events"] == []

    async def test_nul_in_a_path_or_query_is_refused(self, anyone: Actor, shop: Actor) -> None:
        problem(await anyone.send("GET", "/v1/tracking/6100%00"), 404)
        problem(await anyone.send("GET", "/v1/offices/KZ%000001"), 422)
        problem(await shop.send("GET", "/v1/parcels?reference=a%00"), 422)
        problem(await anyone.send("GET", "/v1/offices?town=%ED%A0%80"), 422)

    async def test_six_megabytes_are_too_large(self, clerk: Actor, anyone: Actor) -> None:
        body = b'{"scans":["' + b"a" * (6 * 1024 * 1024) + b'"]}'
        answer = await clerk.send("POST", "/v1/scans", content=body, headers=JSON)
        problem(answer, 413, "too_large")

        async def streamed() -> Any:
            for _ in range(6 * 16):
                yield b" " * 65536

        answer = await anyone.send("POST", "/v1/quotes", content=streamed(), headers=JSON)
        problem(answer, 413, "too_large")

    @pytest.mark.parametrize("raw", [b"", b"{", b'{"a":1,}', b"[1,2", b"nope", b'{"a":NaN}'])
    async def test_malformed_json(self, shop: Actor, manager: Actor, raw: bytes) -> None:
        for actor, path in (
            (shop, "/v1/parcels"),
            (shop, "/v1/parcels/batch"),
            (shop, "/v1/quotes"),
            (shop, "/v1/complaints"),
            (shop, "/v1/webhooks"),
            (manager, "/v1/scans"),
            (manager, "/v1/offices"),
            (manager, "/v1/partners"),
        ):
            headers = {**JSON, "Idempotency-Key": str(uuid.uuid4())}
            problem(await actor.send("POST", path, content=raw, headers=headers), 422, "invalid")

    async def test_bytes_that_are_no_utf_8(self, shop: Actor, manager: Actor) -> None:
        for actor, path in ((shop, "/v1/parcels"), (manager, "/v1/offices")):
            headers = {**JSON, "Idempotency-Key": str(uuid.uuid4())}
            answer = await actor.send("POST", path, content=b'{"a":"\xff"}', headers=headers)
            assert answer.status_code in {400, 422}
            problem(answer, answer.status_code)

    async def test_a_booking_without_idempotency_key(self, shop: Actor, office: str) -> None:
        answer = await shop.send("POST", "/v1/parcels", json=order(office))
        problem(answer, 400, "idempotency_key_missing")


class TestBarcode:
    async def test_a_wrong_check_digit(
        self, anyone: Actor, shop: Actor, clerk: Actor, barcode: str, office: str
    ) -> None:
        bad = wrong(barcode)
        problem(await anyone.send("GET", f"/v1/tracking/{bad}"), 404)
        problem(await anyone.send("GET", f"/v1/tracking/{bad}/full"), 404)
        problem(await shop.send("GET", f"/v1/parcels/{bad}"), 404)
        scans = [scan(bad, "acceptance", office), scan(barcode, "acceptance", office)]
        answer = await clerk.ask("POST", "/v1/scans", json={"scans": scans})
        assert [r["result"] for r in answer["results"]] == ["malformed", "recorded"]
        assert answer["results"][0]["detail"]
        complaint = {
            "about": {"kind": "parcel", "barcode": bad},
            "category": "delay",
            "text": "دیر",
            "complainant": {"name": "مریم", "phone": "09123456789"},
        }
        named = fields(await anyone.send("POST", "/v1/complaints", json=complaint))
        assert named == ["body.about.parcel.barcode"]

    async def test_persian_digits_are_taken(
        self, anyone: Actor, shop: Actor, clerk: Actor, barcode: str, office: str
    ) -> None:
        typed = persian_digits(barcode)
        assert typed != barcode
        tracked = await anyone.ask("GET", f"/v1/tracking/{typed}")
        assert tracked["barcode"] == barcode
        own = await shop.ask("GET", f"/v1/parcels/{typed}")
        assert own["barcode"] == barcode
        answer = await clerk.ask(
            "POST", "/v1/scans", json={"scans": [scan(typed, "acceptance", office)]}
        )
        assert [r["result"] for r in answer["results"]] == ["recorded"]
        found = await anyone.ask("GET", f"/v1/offices/{persian_digits(office)}")
        assert found["code"] == office
        sender = {**order(office)["sender"], "phone": persian_digits("06133334444")}
        booked = await shop.book(order(persian_digits(office), sender=sender))
        assert booked.status_code == 201, booked.text
        assert booked.json()["origin_office"] == office


class TestWhoMay:
    async def test_a_foreign_parcel_is_like_an_absent_one(
        self, shop: Actor, manager: Actor, barcode: str
    ) -> None:
        other = await manager.open_account("shop", "دیگری", "parcels:book", "parcels:read")
        absent = "610000000009999999999900"[:22]
        absent += f"{98 - int(absent) * 100 % 97:02d}"  # ISO 7064 MOD 97-10
        bodies = []
        for code in (barcode, absent):
            for method, path in (("GET", code), ("POST", f"{code}/cancel")):
                answer = await other.send(method, f"/v1/parcels/{path}")
                bodies.append(problem(answer, 404, "parcel_not_found"))
        assert all(body == bodies[0] for body in bodies)
        found = await other.ask("GET", "/v1/parcels")
        assert found["items"] == []
        assert (await shop.ask("GET", f"/v1/parcels/{barcode}"))["status"] == "booked"

    async def test_without_a_key(self, anyone: Actor, barcode: str, office: str) -> None:
        for method, path, body in (
            ("GET", f"/v1/parcels/{barcode}", None),
            ("POST", "/v1/parcels", order(office)),
            ("POST", "/v1/scans", {"scans": []}),
            ("GET", "/v1/partners", None),
            ("GET", "/v1/webhooks", None),
            ("GET", "/v1/reports/province?period=1398", None),
        ):
            answer = await anyone.send(method, path, json=body)
            problem(answer, 401, "unauthenticated")
            assert answer.headers["www-authenticate"] == "Bearer"

    async def test_a_key_that_is_none(self, anyone: Actor) -> None:
        for text in ("Bearer susa_live_" + "a" * 43, "Bearer nonsense", "Basic YTpi", "Bearer"):
            answer = await anyone.send("GET", "/v1/parcels", headers={"Authorization": text})
            problem(answer, 401, "key_refused")

    async def test_a_revoked_key_is_refused_within_seconds(self, manager: Actor) -> None:
        leaver = await manager.open_account("shop", "رفتنی", "parcels:read")
        await leaver.ask("GET", "/v1/parcels")
        account = await manager.ask("GET", f"/v1/partners/{leaver.id}")
        key = account["keys"][0]["id"]
        await manager.ask("DELETE", f"/v1/partners/{leaver.id}/keys/{key}", status=204)

        async def refused() -> None:
            problem(await leaver.send("GET", "/v1/parcels"), 401, "key_refused")

        await eventually(refused)

    async def test_a_missing_scope(
        self, shop: Actor, clerk: Actor, manager: Actor, barcode: str, office: str
    ) -> None:
        for actor, method, path, body in (
            (shop, "POST", "/v1/scans", {"scans": [scan(barcode, "acceptance", office)]}),
            (shop, "GET", "/v1/reports/province?period=1398", None),
            (shop, "GET", "/v1/partners", None),
            (shop, "POST", f"/v1/offices/{office}/suspend", {"reason": "نمی‌دانم"}),
            (clerk, "POST", "/v1/parcels", order(office)),
            (clerk, "GET", "/v1/complaints", None),
            (manager, "PUT", "/v1/clock", {"mode": "wall"}),
        ):
            problem(await actor.send(method, path, json=body), 403, "forbidden")

    async def test_a_paths_other_methods_and_unknown_paths(self, anyone: Actor) -> None:
        answer = await anyone.send("DELETE", "/v1/quotes")
        problem(answer, 405, "method_not_allowed")
        assert answer.headers["allow"] == "GET, HEAD, POST"
        problem(await anyone.send("GET", "/v1/nothing"), 404)
        problem(await anyone.send("GET", "/internal/feed?after=0&consumer=x"), 404)

    async def test_a_clients_request_id_comes_back(self, anyone: Actor) -> None:
        mine = {"X-Request-ID": "shop-4711"}
        answer = await anyone.send("GET", "/v1/tracking/1", headers=mine)
        assert answer.status_code == 404
        assert answer.headers["x-request-id"] == "shop-4711"
