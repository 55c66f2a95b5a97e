"""Accounts and credentials in full: what may be booked, from where and until when."""

import json
from datetime import timedelta
from typing import Any

import pytest

from shared.auth import Caller, Minter, Verifier, read_private, read_public
from tests.conftest import START, Api, Serve
from tests.factories.parcels import order
from tests.services.gateway.bank import (
    ASSERTION_TYPE,
    THUMBPRINT,
    Bank,
    manage,
    new_key,
    opened,
    public,
)
from tests.services.gateway.conftest import Gateway, bearer

pytestmark = pytest.mark.anyio

ONCE = {"Idempotency-Key": "once"}
KEY = {"label": "site", "scopes": ["parcels:read"]}
MAN = {"role": "security", "name": "مسئول امنیت", "email": "soc@bank.example", "phone": None}


@pytest.fixture
async def api(serve: Serve) -> Api:
    started: Api = await serve("gateway")
    return started


class TestAccount:
    async def test_what_it_may_book_and_how_much(self, near: Gateway) -> None:
        limits = {"products": ["pishtaz", "amanat"], "quotas": {"reads": 600}}
        account = await opened(near.api, **limits)
        path = f"/{account}/keys"
        key = (await manage(near.api, "POST", path, KEY)).json()
        told = await near.client.get("/v1/parcels", headers=bearer(key["key"]))
        token = dict(told.json()["headers"])["authorization"]
        caller = Verifier(read_public(near.api.keys / "jwks.json")).caller(token)
        assert caller.products == frozenset({"pishtaz", "amanat"})
        assert near.gate.keyring.quotas(account) == {"reads": 600}
        changed = await manage(near.api, "PATCH", f"/{account}", {"products": None, "quotas": {}})
        assert (changed.status_code, changed.json()["products"]) == (200, None)
        assert changed.json()["name"] == "بانک نمونه"
        near.ticks.at += 4.9
        told = await near.client.get("/v1/parcels", headers=bearer(key["key"]))
        token = dict(told.json()["headers"])["authorization"]
        assert Verifier(read_public(near.api.keys / "jwks.json")).caller(token).products is None
        assert near.gate.keyring.quotas(account) == {}

    async def test_parcels_books_what_the_account_may(self, serve: Serve) -> None:
        parcels = await serve("parcels")
        headers = parcels.headers("parcels:book") | ONCE
        assert order("KZ00012")["product"] != "adi"
        minted = _restricted(parcels, frozenset({"adi"})) | ONCE
        refused = await parcels.client.post("/v1/parcels", json=order("KZ00012"), headers=minted)
        assert (refused.status_code, refused.json()["code"]) == (403, "product_not_allowed")
        free = await parcels.client.post(
            "/v1/parcels", json=order("KZ00012"), headers=headers | ONCE
        )
        assert free.json()["code"] != "product_not_allowed"

    async def test_contacts_are_kept_apart_and_not_told(self, api: Api) -> None:
        account = await opened(api)
        put = await manage(api, "PUT", f"/{account}/contacts", {"contacts": [MAN, MAN]})
        assert put.json()["contacts"] == [MAN, MAN]
        put = await manage(api, "PUT", f"/{account}/contacts", {"contacts": [MAN]})
        got = await manage(api, "GET", f"/{account}/contacts")
        assert got.json() == put.json() == {"contacts": [MAN]}
        unreachable = MAN | {"email": None}
        refused = await manage(api, "PUT", f"/{account}/contacts", {"contacts": [unreachable]})
        assert refused.status_code == 422
        told = json.dumps(await api.events(), ensure_ascii=False)
        assert "partner.changed" in told
        assert not any(word in told for word in ("مسئول", "soc@", "بانک"))

    async def test_a_closed_account_stays_closed(self, near: Gateway) -> None:
        account = await opened(near.api)
        key = (await manage(near.api, "POST", f"/{account}/keys", KEY)).json()
        client = await Bank.opened(near, account=account)
        assert (await manage(near.api, "POST", f"/{account}/close")).json()["status"] == "closed"
        refused = await near.client.get("/v1/parcels", headers=bearer(key["key"]))
        assert (refused.status_code, refused.json()["code"]) == (401, "account_suspended")
        assert (await client.ask(client.assertion())).status_code == 401
        for method, path, body in (
            ("POST", "/reopen", None),
            ("POST", "/suspend", None),
            ("PATCH", "", {"name": "x"}),
            ("PUT", "/contacts", {"contacts": []}),
            ("POST", "/keys", KEY),
            ("POST", f"/keys/{key['id']}/rotate", {}),
        ):
            late = await manage(near.api, method, f"/{account}{path}", body)
            assert (late.status_code, late.json()["code"]) == (409, "partner_closed"), path
        assert (await manage(near.api, "POST", f"/{account}/close")).status_code == 200
        assert (await manage(near.api, "DELETE", f"/{account}/keys/{key['id']}")).status_code == 204
        listed = await manage(near.api, "GET", "?status=closed&kind=bank")
        assert [one["id"] for one in listed.json()["items"]] == [account]

    async def test_every_change_is_told_with_who_did_it(self, api: Api) -> None:
        account = await opened(api)
        key = (await manage(api, "POST", f"/{account}/keys", KEY)).json()
        networks = {"allowed_networks": ["192.0.2.0/24"]}
        await manage(api, "PUT", f"/{account}/keys/{key['id']}/networks", networks)
        await manage(api, "POST", f"/{account}/keys/{key['id']}/rotate", {})
        await manage(api, "DELETE", f"/{account}/keys/{key['id']}")
        for change in ("suspend", "suspend", "reopen", "close"):
            await manage(api, "POST", f"/{account}/{change}")
        events = await api.events()
        assert [event["type"] for event in events] == [
            "partner.opened",
            "credential.issued",
            "credential.changed",
            "credential.issued",
            "credential.rotated",
            "credential.revoked",
            "partner.suspended",
            "partner.reopened",
            "partner.closed",
        ]
        assert {event["subject"] for event in events} == {account}
        assert {event["data"]["by"][-1] for event in events} == {"1"}
        assert key["key"] not in json.dumps(events)


def _restricted(parcels: Api, products: frozenset[str]) -> dict[str, str]:
    minter = Minter("gateway", read_private(parcels.keys / "gateway.jwk"))
    account = "00000000-0000-7000-8000-000000000001"
    caller = Caller(account, "shop", frozenset({"parcels:book"}), products=products)
    return {"Authorization": f"Bearer {minter.token(caller)}"}


class TestRotation:
    async def test_both_keys_work_for_the_overlap(self, near: Gateway) -> None:
        old = await near.issue("parcels:read")
        path = f"/{near.partner_id}/keys/{old.id}"
        answer = await manage(near.api, "POST", f"{path}/rotate", {"overlap_h": 2})
        new = answer.json()
        assert (answer.status_code, new["label"], new["scopes"]) == (201, "first", ["parcels:read"])
        again = await manage(near.api, "POST", f"{path}/rotate", {})
        assert (again.status_code, again.json()["code"]) == (409, "key_not_in_force")

        async def statuses() -> list[int]:
            near.ticks.at += 4.9
            keys = (old.key, new["key"])
            return [
                (await near.client.get("/v1/parcels", headers=bearer(key))).status_code
                for key in keys
            ]

        assert await statuses() == [200, 200]
        near.api.clock.at = START + timedelta(hours=2)
        assert await statuses() == [401, 200]
        shown = (await manage(near.api, "GET", f"/{near.partner_id}")).json()["keys"]
        assert [one["replaced_by"] for one in shown] == [None, new["id"]]
        assert shown[1]["expires_at"] == "2019-03-21T10:00:00Z"
        await manage(near.api, "DELETE", f"/{near.partner_id}/keys/{new['id']}")
        late = await manage(near.api, "POST", f"/{near.partner_id}/keys/{new['id']}/rotate", {})
        assert (late.status_code, late.json()["code"]) == (409, "key_not_in_force")

    async def test_a_client_has_two_keys_for_the_while(self, near: Gateway) -> None:
        bank, new = await Bank.opened(near), new_key()
        path = f"/{bank.account}/clients/{bank.id}"
        both = {"public_keys": [public(bank.key), public(new)]}
        assert (await manage(near.api, "PUT", path, both)).status_code == 200
        for key in (bank.key, new):
            holder = Bank(near, bank.account, bank.id, key)
            assert (await holder.ask(holder.assertion())).status_code == 200
        rotate = await manage(near.api, "POST", f"/{bank.account}/keys/{bank.id}/rotate", {})
        assert rotate.status_code == 422
        other_way = await manage(near.api, "PUT", path, {"certificates": [THUMBPRINT]})
        assert other_way.status_code == 422


class TestClients:
    async def test_refuses_what_proves_nothing(self, api: Api) -> None:
        account, good = await opened(api), public(new_key())
        private = dict(new_key().as_dict(private=True))
        weak = {"kty": "RSA", "kid": "w", "e": "AQAB", "n": "x" * 171}
        proofs: tuple[dict[str, Any], ...] = (
            {},
            {"public_keys": []},
            {"public_keys": [good], "certificates": [THUMBPRINT]},
            {"public_keys": [private]},
            {"public_keys": [good, good]},
            {"public_keys": [weak]},
            {"public_keys": [good | {"x": "AA"}]},
            {"public_keys": [good | {"crv": "Ed448"}]},
            {"public_keys": [{"kty": "oct", "kid": "k", "k": "AA"}]},
            {"public_keys": [good] * 6},
            {"certificates": ["A" * 42]},
            {"certificates": ["=" * 43]},
        )
        for proof in proofs:
            body = {"label": "x", "scopes": ["payments:execute"], **proof}
            refused = await manage(api, "POST", f"/{account}/clients", body)
            assert refused.status_code == 422, proof
        staff_only = {"label": "x", "scopes": ["partners:write"], "public_keys": [good]}
        assert (await manage(api, "POST", f"/{account}/clients", staff_only)).status_code == 422

    async def test_another_accounts_client_is_not_found(self, near: Gateway) -> None:
        bank, other = await Bank.opened(near), await opened(near.api)
        body: dict[str, Any] = {"public_keys": [public(bank.key)]}
        for path in (f"/{other}/clients/{bank.id}", f"/{other}/clients/{other}"):
            refused = await manage(near.api, "PUT", path, body)
            assert (refused.status_code, refused.json()["code"]) == (404, "key_not_found")


class TestAllowList:
    async def test_a_key_works_from_its_networks_only(self, near: Gateway) -> None:
        """`near` is asked from 127.0.0.1, whatever its client says of itself."""
        account = await opened(near.api)
        keys = {
            network: (
                await manage(
                    near.api, "POST", f"/{account}/keys", KEY | {"allowed_networks": [network]}
                )
            ).json()
            for network in ("127.0.0.0/8", "192.0.2.0/24", "2001:DB8::/32")
        }
        assert keys["2001:DB8::/32"]["allowed_networks"] == ["2001:db8::/32"]
        told = {"X-Forwarded-For": "192.0.2.7"}

        async def status(network: str) -> int:
            headers = bearer(keys[network]["key"]) | told
            return (await near.client.get("/v1/parcels", headers=headers)).status_code

        assert [await status(network) for network in keys] == [200, 403, 403]
        path = f"/{account}/keys/{keys['127.0.0.0/8']['id']}/networks"
        for wrong in ("x/y", "192.0.2.1/24", "::/129", "1" * 51):
            refused = await manage(near.api, "PUT", path, {"allowed_networks": [wrong]})
            assert refused.status_code == 422, wrong
        moved = await manage(near.api, "PUT", path, {"allowed_networks": ["10.0.0.0/8"]})
        assert moved.status_code == 200
        near.ticks.at += 4.9
        assert await status("127.0.0.0/8") == 403
        bank = await Bank.opened(near, allowed_networks=["192.0.2.0/24"])
        refused = await bank.ask(bank.assertion())
        assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")

    async def test_a_trusted_proxy_says_from_where(self, proxied: Gateway) -> None:
        bank = await Bank.opened(proxied, "parcels:read", allowed_networks=["192.0.2.0/24"])

        async def asked(*said: str) -> int:
            headers = [("X-Forwarded-For", one) for one in said]
            form = {"grant_type": "client_credentials"}
            proof = {"client_assertion": bank.assertion()}
            kind = {"client_assertion_type": ASSERTION_TYPE}
            answer = await proxied.client.post(
                "/oauth/token", data=form | proof | kind, headers=headers
            )
            return answer.status_code

        assert await asked("192.0.2.7") == 200
        assert await asked("203.0.113.9, 192.0.2.7") == 200
        assert await asked("192.0.2.7, 203.0.113.9") == 401  # what it said itself comes first
        assert await asked("192.0.2.7", "203.0.113.9") == 401
        assert await asked() == 401
        headers = {"X-Forwarded-For": "198.51.100.1, 192.0.2.7, 127.0.0.1"}
        told = await proxied.client.get("/v1/towns", headers=headers)
        assert ["x-forwarded-for", "192.0.2.7"] in told.json()["headers"]
