"""Accounts and their keys, through the gateway's own app."""

import json
import uuid
from typing import Any

import httpx
import pytest

from services.gateway.partners.domain import KEYS_MAX
from shared.auth import ensure_keys, read_pepper
from tests.conftest import Api, Serve

pytestmark = pytest.mark.anyio


@pytest.fixture
async def api(serve: Serve) -> Api:
    started: Api = await serve("gateway")
    return started


async def send(api: Api, method: str, path: str, body: Any = None) -> httpx.Response:
    headers = api.headers("partners:write", kind="staff")
    content = json.dumps(body) if body is not None else None  # httpx refuses lone surrogates
    if content:
        headers["Content-Type"] = "application/json"
    return await api.client.request(method, f"/v1/partners{path}", content=content, headers=headers)


async def opened(api: Api, **fields: Any) -> str:
    answer = await send(api, "POST", "", {"kind": "shop", "name": "فروشگاه کارون", **fields})
    assert answer.status_code == 201
    created: str = answer.json()["id"]
    return created


class TestCreatePartner:
    async def test_answers_with_the_account_and_where_it_is(self, api: Api) -> None:
        answer = await send(
            api,
            "POST",
            "",
            {
                "kind": "staff",
                "name": " کارمند ",
                "email": "clerk@post.example",
                "phone": "۰۹۱۲۳۴۵۶۷۸۹",
                "office": "kz۰۰۰۱۲",
            },
        )
        body = answer.json()
        assert (answer.status_code, body["status"]) == (201, "active")
        assert (body["name"], body["office"]) == ("کارمند", "KZ00012")
        found = await send(api, "GET", f"/{body['id']}")
        assert answer.headers["location"] == f"/v1/partners/{body['id']}"
        assert found.json() == {**body, "keys": []}

    async def test_under_one_key_there_is_one(self, api: Api) -> None:
        """Of accounts and of clients; a key that is given out is not kept for a replay."""
        headers = api.headers("partners:write", kind="staff") | {"Idempotency-Key": "1"}
        shop = {"kind": "shop", "name": "فروشگاه"}
        client = {"label": "x", "scopes": ["parcels:read"], "certificates": ["A" * 43]}
        made = await api.client.post("/v1/partners", json=shop, headers=headers)
        path = made.headers["location"]
        first = await api.client.post(f"{path}/clients", json=client, headers=headers)
        assert (made.status_code, first.status_code) == (201, 201)
        for url, body, answer in (
            ("/v1/partners", shop, made),
            (f"{path}/clients", client, first),
        ):
            again = await api.client.post(url, json=body, headers=headers)
            assert (again.status_code, again.content) == (201, answer.content)
            other = await api.client.post(url, json=body | {"kind": "bank"}, headers=headers)
            assert other.status_code == 422
        assert len((await send(api, "GET", "")).json()["items"]) == 1
        assert len((await send(api, "GET", path.removeprefix("/v1/partners"))).json()["keys"]) == 1

    @pytest.mark.parametrize(
        "fault",
        [
            {"kind": "pirate"},
            {"name": ""},
            {"name": "x\x00"},
            {"name": "\ud800"},
            {"name": "x" * 201},
            {"email": "no at sign"},
            {"phone": "12"},
            {"office": "12"},
            {"office": "KZ00012"},  # a shop has none
            {"extra": 1},
        ],
    )
    async def test_refuses_bad_fields(self, api: Api, fault: dict[str, Any]) -> None:
        refused = await send(api, "POST", "", {"kind": "shop", "name": "x", **fault})
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["field"] == f"body.{next(iter(fault))}"

    @pytest.mark.parametrize(("scopes", "status"), [((), 403), (("parcels:read",), 403)])
    async def test_needs_its_scope(self, api: Api, scopes: tuple[str, ...], status: int) -> None:
        body = {"kind": "shop", "name": "x"}
        assert (await api.client.post("/v1/partners", json=body)).status_code == 401
        headers = api.headers(*scopes)
        refused = await api.client.post("/v1/partners", json=body, headers=headers)
        assert refused.status_code == status


class TestListPartners:
    async def test_pages_in_order(self, api: Api) -> None:
        ids = [await opened(api, name=f"shop {n}") for n in range(5)]
        seen: list[str] = []
        path = "?limit=2"
        while path:
            answer = await send(api, "GET", path)
            seen += [item["id"] for item in answer.json()["items"]]
            following = answer.json()["next"]
            path = f"?limit=2&cursor={following}" if following else ""
            assert ('rel="next"' in answer.headers.get("link", "")) == bool(following)
        assert seen == ids

    @pytest.mark.parametrize("cursor", ["x", "WzFd", "WyJ4Il0"])
    async def test_refuses_a_foreign_cursor(self, api: Api, cursor: str) -> None:
        refused = await send(api, "GET", f"?cursor={cursor}")
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid")


class TestKeys:
    async def test_a_key_is_shown_once_and_kept_as_a_digest(self, api: Api) -> None:
        partner = await opened(api)
        body = {"label": "site", "scopes": ["parcels:read", "parcels:book", "parcels:read"]}
        issued = await send(api, "POST", f"/{partner}/keys", body)
        key = issued.json()["key"]
        assert (issued.status_code, len(key), key[:10]) == (201, 53, "susa_live_")
        shown = (await send(api, "GET", f"/{partner}")).json()["keys"]
        assert shown == [{k: v for k, v in issued.json().items() if k != "key"}]
        assert shown[0]["prefix"] == key[:16]
        assert shown[0]["scopes"] == ["parcels:book", "parcels:read"]
        row = await api.database.hot.fetchrow("SELECT * FROM partner_key")
        assert key[16:] not in repr(dict(row))
        assert len(row["digest"]) == 32

    async def test_a_sandbox_key_says_so(self, api: Api) -> None:
        partner = await opened(api)
        body = {"label": "x", "scopes": ["parcels:book"], "world": "test"}
        issued = (await send(api, "POST", f"/{partner}/keys", body)).json()
        assert issued["key"].startswith("susa_test_")
        assert issued["world"] == "test"

    @pytest.mark.parametrize(
        "scopes",
        [[], ["parcels:burn"], ["internal"], ["partners:write"], ["parcels:read"] * 99, [1], None],
    )
    async def test_refuses_scopes_that_it_may_not_have(self, api: Api, scopes: Any) -> None:
        partner = await opened(api)
        refused = await send(api, "POST", f"/{partner}/keys", {"label": "x", "scopes": scopes})
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["field"].startswith("body.scopes")

    async def test_staff_may_manage_partners(self, api: Api) -> None:
        partner = await opened(api, kind="staff")
        body = {"label": "x", "scopes": ["partners:write"]}
        assert (await send(api, "POST", f"/{partner}/keys", body)).status_code == 201

    async def test_a_revoked_key_stays_in_the_list(self, api: Api) -> None:
        partner = await opened(api)
        body = {"label": "x", "scopes": ["parcels:read"]}
        key = (await send(api, "POST", f"/{partner}/keys", body)).json()
        path = f"/{partner}/keys/{key['id']}"
        assert (await send(api, "DELETE", path)).status_code == 204
        first = (await send(api, "GET", f"/{partner}")).json()["keys"][0]["revoked_at"]
        assert first is not None
        api.clock.at = api.clock.at.replace(year=2020)
        assert (await send(api, "DELETE", path)).status_code == 204  # changes nothing
        again = (await send(api, "GET", f"/{partner}")).json()["keys"][0]["revoked_at"]
        assert again == first

    async def test_another_accounts_key_is_not_found(self, api: Api) -> None:
        one, other = await opened(api), await opened(api)
        body = {"label": "x", "scopes": ["parcels:read"]}
        key = (await send(api, "POST", f"/{one}/keys", body)).json()
        missing = await send(api, "DELETE", f"/{other}/keys/{key['id']}")
        assert (missing.status_code, missing.json()["code"]) == (404, "key_not_found")

    async def test_keys_in_force_are_bounded(self, api: Api) -> None:
        partner = await opened(api)
        await api.database.hot.execute(
            "INSERT INTO partner_key (partner_id, label, prefix, digest, world, scopes, created_at)"
            " SELECT $1, 'x', repeat('x', 16), sha256(n::text::bytea), 'live', '{}', now()"
            " FROM generate_series(1, $2) AS n",
            uuid.UUID(partner),
            KEYS_MAX,
        )
        body = {"label": "x", "scopes": ["parcels:read"]}
        refused = await send(api, "POST", f"/{partner}/keys", body)
        assert (refused.status_code, refused.json()["code"]) == (409, "too_many_keys")

    async def test_an_absent_account_is_404(self, api: Api) -> None:
        absent = uuid.uuid4()
        body = {"label": "x", "scopes": ["parcels:read"]}
        for method, path, sent in (
            ("GET", f"/{absent}", None),
            ("POST", f"/{absent}/keys", body),
            ("POST", f"/{absent}/suspend", None),
            ("POST", f"/{absent}/reopen", None),
            ("DELETE", f"/{absent}/keys/{absent}", None),
        ):
            assert (await send(api, method, path, sent)).status_code == 404


class TestSuspension:
    async def test_there_and_back(self, api: Api) -> None:
        partner = await opened(api)
        assert (await send(api, "POST", f"/{partner}/suspend")).json()["status"] == "suspended"
        assert (await send(api, "POST", f"/{partner}/suspend")).json()["status"] == "suspended"
        assert (await send(api, "POST", f"/{partner}/reopen")).json()["status"] == "active"

    async def test_the_app_cannot_erase_accounts(self, api: Api) -> None:
        await opened(api)
        for table in ("partner_key", "partner"):
            with pytest.raises(Exception, match="permission denied"):
                await api.database.hot.execute(f"DELETE FROM {table}")


def test_the_pepper_is_made_once_and_private(tmp_path: Any) -> None:
    ensure_keys(tmp_path)
    first = read_pepper(tmp_path)
    ensure_keys(tmp_path)
    assert read_pepper(tmp_path) == first
    assert len(first) == 32
    assert (tmp_path / "key_pepper").stat().st_mode & 0o777 == 0o600
    assert not list(tmp_path.glob("key_pepper.*"))
