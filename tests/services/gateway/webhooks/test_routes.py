"""A partner's own endpoints and their log, over HTTP."""

import asyncio
import base64
import json
import uuid
from typing import Any

import pytest

from tests.conftest import Api, Serve
from tests.services.gateway.webhooks.support import (
    OTHER,
    PARTNER,
    advance,
    changed,
    event,
    follow,
    register,
)

pytestmark = pytest.mark.anyio

URL = "https://shop.example/hooks"


def owner(api: Api, partner: str = PARTNER) -> dict[str, str]:
    return api.headers("webhooks:write", sub=partner)


async def post(api: Api, body: Any, partner: str = PARTNER) -> Any:
    return await api.client.post("/v1/webhooks", json=body, headers=owner(api, partner))


class TestRegister:
    async def test_the_secret_is_shown_once(self, serve: Serve) -> None:
        api = await serve("gateway")
        body = {"url": URL, "events": ["parcel.booked", "parcel.booked"], "description": "main"}
        response = await post(api, body)
        assert response.status_code == 201
        made = response.json()
        kind, _, key = made.pop("secret").partition("_")
        assert kind == "whsec"
        assert 24 <= len(base64.b64decode(key, validate=True)) <= 32
        assert made["events"] == ["parcel.booked"]
        listed = await api.client.get("/v1/webhooks", headers=owner(api))
        assert listed.json() == {"items": [made], "next": None}
        assert key not in listed.text

    async def test_secrets_differ(self, serve: Serve) -> None:
        api = await serve("gateway")
        secrets = {(await register(api, URL))[1] for _ in range(5)}
        assert len(secrets) == 5

    async def test_needs_its_scope(self, serve: Serve) -> None:
        api = await serve("gateway")
        body = {"url": URL, "events": ["parcel.*"]}
        assert (await api.client.post("/v1/webhooks", json=body)).status_code == 401
        refused = await api.client.post(
            "/v1/webhooks", json=body, headers=api.headers("parcels:book")
        )
        assert refused.status_code == 403
        assert refused.headers["content-type"] == "application/problem+json"

    async def test_belongs_to_an_account(self, serve: Serve) -> None:
        api = await serve("gateway")
        assert (await post(api, {"url": URL, "events": ["parcel.*"]}, "a")).status_code == 403

    @pytest.mark.parametrize(
        ("field", "body"),
        [
            ("body.url", {"events": ["parcel.*"]}),
            ("body.events", {"url": URL}),
            ("body.events", {"url": URL, "events": []}),
            ("body.events", {"url": URL, "events": ["parcel.*"] * 41}),
            ("body.events.0", {"url": URL, "events": ["office.created"]}),
            ("body.events.0", {"url": URL, "events": ["*"]}),
            ("body.color", {"url": URL, "events": ["parcel.*"], "color": "red"}),
            ("body.url", {"url": URL + "x" * 500, "events": ["parcel.*"]}),
            ("body.url", {"url": URL + "\0", "events": ["parcel.*"]}),
            ("body.url", {"url": URL + "\ud800", "events": ["parcel.*"]}),
            ("body.url", {"url": 7, "events": ["parcel.*"]}),
            ("body.url", {"url": "http://shop.example/", "events": ["parcel.*"]}),
            ("body.url", {"url": "https://me:pw@shop.example/", "events": ["parcel.*"]}),
            ("body.url", {"url": "https://127.0.0.1/", "events": ["parcel.*"]}),
            ("body.url", {"url": "ftp://shop.example/", "events": ["parcel.*"]}),
            ("body.url", {"url": "shop.example", "events": ["parcel.*"]}),
            ("body.description", {"url": URL, "events": ["parcel.*"], "description": "d" * 201}),
        ],
    )
    async def test_refusals_name_the_field(
        self, serve: Serve, field: str, body: dict[str, Any]
    ) -> None:
        api = await serve("gateway")
        response = await api.client.post(
            "/v1/webhooks",
            content=json.dumps(body),
            headers={**owner(api), "content-type": "application/json"},
        )
        assert response.status_code == 422
        assert field in [error["field"] for error in response.json()["errors"]]
        assert await api.database.hot.fetchval("SELECT count(*) FROM webhook_endpoint") == 0

    async def test_at_most_ten_also_at_once(self, serve: Serve) -> None:
        api = await serve("gateway")
        body = {"url": URL, "events": ["parcel.*"]}
        answers = await asyncio.gather(*(post(api, body) for _ in range(14)))
        assert sorted(a.status_code for a in answers) == [201] * 10 + [409] * 4
        refused = next(a for a in answers if a.status_code == 409)
        assert refused.json()["code"] == "webhook_limit"
        assert (await post(api, body, OTHER)).status_code == 201
        kept = next(a for a in answers if a.status_code == 201).json()["id"]
        await api.client.delete(f"/v1/webhooks/{kept}", headers=owner(api))
        assert (await post(api, body)).status_code == 201


class TestDelete:
    async def test_disables_and_stays_in_the_list(self, api: Api) -> None:
        endpoint, _ = await register(api, URL)
        await follow(api, event(changed(1, 1)))
        for _ in range(2):
            gone = await api.client.delete(f"/v1/webhooks/{endpoint}", headers=owner(api))
            assert (gone.status_code, gone.content) == (204, b"")
            advance(api, hours=1)
        listed = (await api.client.get("/v1/webhooks", headers=owner(api))).json()["items"]
        assert listed[0]["disabled_reason"] == "partner"
        assert listed[0]["disabled_at"] == "2019-03-21T08:00:00Z"
        await follow(api, event(changed(2, 1)))
        assert await api.database.hot.fetchval("SELECT count(*) FROM webhook_delivery") == 1

    async def test_foreign_is_as_absent(self, api: Api) -> None:
        endpoint, _ = await register(api, URL)
        absent = uuid.uuid4()
        for method, tail in (("DELETE", ""), ("GET", "/deliveries")):
            answers = [
                await api.client.request(
                    method, f"/v1/webhooks/{named}{tail}", headers=owner(api, OTHER)
                )
                for named in (endpoint, absent)
            ]
            assert [a.status_code for a in answers] == [404, 404]
            assert answers[0].content == answers[1].content
        still = (await api.client.get("/v1/webhooks", headers=owner(api))).json()["items"]
        assert still[0]["disabled_at"] is None

    async def test_malformed_id(self, api: Api) -> None:
        response = await api.client.delete("/v1/webhooks/x", headers=owner(api))
        assert response.status_code == 422


class TestLists:
    async def test_endpoints_by_page(self, api: Api) -> None:
        made = [str((await register(api, URL))[0]) for _ in range(3)]
        first = await api.client.get("/v1/webhooks?limit=2", headers=owner(api))
        assert [item["id"] for item in first.json()["items"]] == made[:0:-1]
        assert 'rel="next"' in first.headers["link"]
        second = await api.client.get(
            f"/v1/webhooks?limit=2&cursor={first.json()['next']}", headers=owner(api)
        )
        assert [item["id"] for item in second.json()["items"]] == made[:1]
        assert second.json()["next"] is None
        other = await api.client.get("/v1/webhooks", headers=owner(api, OTHER))
        assert other.json()["items"] == []

    async def test_deliveries_by_page(self, api: Api) -> None:
        endpoint, _ = await register(api, URL)
        await follow(api, event(*(changed(1, n) for n in range(5))))
        seen: list[dict[str, Any]] = []
        url = f"/v1/webhooks/{endpoint}/deliveries?limit=2"
        cursor = ""
        while True:
            page = (await api.client.get(url + cursor, headers=owner(api))).json()
            seen += page["items"]
            if page["next"] is None:
                break
            cursor = f"&cursor={page['next']}"
        assert len({item["id"] for item in seen}) == 5
        assert [item["status"] for item in seen] == ["waiting"] * 4 + ["pending"]
        assert seen[-1]["next_attempt_at"] == "2019-03-21T08:00:00Z"
        assert (seen[-1]["attempts"], seen[-1]["last_status"]) == (0, None)
        for status, count in (("waiting", 4), ("pending", 1), ("delivered", 0), ("dead", 0)):
            found = await api.client.get(f"{url}0&status={status}", headers=owner(api))
            assert [item["status"] for item in found.json()["items"]] == [status] * count
        first = (await api.client.get(f"{url}&status=waiting", headers=owner(api))).json()
        rest = f"{url}&status=waiting&cursor={first['next']}"
        assert len((await api.client.get(rest, headers=owner(api))).json()["items"]) == 2
        failed = await api.client.get(f"{url}&status=failed", headers=owner(api))
        assert failed.status_code == 422

    @pytest.mark.parametrize("cursor", ["x", "WyJhIl0", "W3RydWVd", "Wy0xXQ", "WzFlOTld"])
    async def test_a_made_up_cursor(self, api: Api, cursor: str) -> None:
        endpoint, _ = await register(api, URL)
        for url in ("/v1/webhooks", f"/v1/webhooks/{endpoint}/deliveries"):
            response = await api.client.get(f"{url}?cursor={cursor}", headers=owner(api))
            assert response.status_code == 422, url
