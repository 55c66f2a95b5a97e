"""Tokens for partners: who gets one, what it is good for, and every way to get one that fails."""

import base64
import hmac
import json
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from services.gateway.worker import forget_assertions
from tests.services.gateway.bank import (
    CERTIFICATE,
    ISSUER,
    OTHER_THUMBPRINT,
    THUMBPRINT,
    Bank,
    claims_of,
    manage,
    new_key,
    public,
)
from tests.services.gateway.conftest import Gateway, bearer, started_beside

pytestmark = pytest.mark.anyio

FETCH = "/v1/bank/payment-orders/fetch"


@pytest.fixture
async def beside(near: Gateway) -> AsyncIterator[Gateway]:
    """A second process over the same database, with caches and time of its own."""
    async with started_beside(near) as gateway:
        yield gateway


async def status(gateway: Gateway, token: str, path: str = FETCH, **headers: str) -> int:
    sent = bearer(token) | {name.replace("_", "-"): value for name, value in headers.items()}
    return (await gateway.client.post(path, json={}, headers=sent)).status_code


def forged(header: dict[str, str], claims: dict[str, object], secret: bytes | None) -> str:
    """What no library would sign."""
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()) for part in (header, claims)]
    signed = b".".join(part.rstrip(b"=") for part in parts)
    signature = b"" if secret is None else hmac.digest(secret, signed, "sha256")
    return (signed + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()


class TestToken:
    async def test_a_client_that_signs_gets_one_and_may_answer_for_money(
        self, near: Gateway
    ) -> None:
        bank = await Bank.opened(near, "payments:execute", "parcels:read")
        answer = await bank.ask(bank.assertion())
        assert answer.status_code == 200, answer.text
        assert answer.headers["cache-control"] == "no-store"
        body = answer.json()
        assert (body["token_type"], body["expires_in"]) == ("Bearer", 600)
        assert body["scope"] == "parcels:read payments:execute"
        jwks = (await near.client.get("/oauth/jwks")).json()
        assert set(jwks["keys"][0]) == {"kty", "crv", "x", "kid", "use", "alg"}
        claims = claims_of(body["access_token"], jwks)
        assert (claims["iss"], claims["aud"], claims["sub"]) == (ISSUER, ISSUER, bank.account)
        assert (claims["client_id"], claims["exp"] - claims["iat"]) == (bank.id, 600)
        told = await near.client.post(FETCH, json={}, headers=bearer(body["access_token"]))
        assert told.json()["caller"]["id"] == bank.account
        assert told.json()["caller"]["scopes"] == ["parcels:read", "payments:execute"]

    @pytest.mark.parametrize("kind", ["EC", "RSA", "OKP"])
    async def test_by_each_kind_of_key(self, near: Gateway, kind: str) -> None:
        bank = await Bank.opened(near, key=new_key(kind))
        old_name = "EdDSA" if kind == "OKP" else ""
        for assertion in (bank.assertion(), bank.assertion(aud=[f"{ISSUER}/oauth/token"])):
            assert (await bank.ask(assertion)).status_code == 200
        if old_name:
            with pytest.warns(UserWarning, match="EdDSA is deprecated"):
                assertion = bank.assertion(alg=old_name)
            assert (await bank.ask(assertion)).status_code == 200

    async def test_it_may_ask_for_less_and_not_for_more(self, near: Gateway) -> None:
        bank = await Bank.opened(near, "payments:execute", "parcels:read")
        less = await bank.token(scope="parcels:read")
        assert await status(near, less) == 403
        listed = await near.client.get("/v1/parcels", headers=bearer(less))
        assert listed.status_code == 200
        assertion = bank.assertion()
        more = await bank.ask(assertion, scope="parcels:read parcels:book")
        assert (more.status_code, more.json()["error"]) == (400, "invalid_scope")
        again = await bank.ask(assertion)  # a refusal has used it up
        assert (again.status_code, again.json()["error"]) == (401, "invalid_client")

    async def test_an_api_key_is_a_secret_and_its_token_no_better_than_it(
        self, near: Gateway
    ) -> None:
        key = await near.issue("payments:execute")
        form = {"grant_type": "client_credentials"}
        basic = httpx.BasicAuth(str(key.id), key.key)
        posted = form | {"client_id": str(key.id), "client_secret": key.key}
        for answer in (
            await near.client.post("/oauth/token", data=form, auth=basic),
            await near.client.post("/oauth/token", data=posted),
        ):
            assert answer.status_code == 200, answer.text
            token = answer.json()["access_token"]
            listed = await near.client.get("/v1/bank/payment-orders", headers=bearer(token))
            assert listed.status_code == 200
            for constrained in (token, key.key):
                refused = await near.client.post(FETCH, json={}, headers=bearer(constrained))
                assert (refused.status_code, refused.json()["code"]) == (403, "sender_constrained")
        other = await near.issue("payments:execute")
        wrong = posted | {"client_secret": other.key}
        assert (await near.client.post("/oauth/token", data=wrong)).status_code == 401

    async def test_it_ends(self, near: Gateway) -> None:
        bank = await Bank.opened(near)
        token = await bank.token()
        near.api.clock.at += timedelta(seconds=599)
        assert await status(near, token) == 200
        near.api.clock.at += timedelta(seconds=1)
        refused = await near.client.post(FETCH, json={}, headers=bearer(token))
        assert (refused.status_code, refused.json()["code"]) == (401, "token_refused")
        assert 'error="invalid_token"' in refused.headers["www-authenticate"]

    async def test_it_is_of_no_use_inside_nor_changed(self, near: Gateway) -> None:
        token = await (await Bank.opened(near)).token()
        inside = await near.api.client.get("/v1/partners", headers=bearer(token))
        assert inside.status_code == 401
        header, claims, signature = token.split(".")
        padded = base64.urlsafe_b64decode(claims + "==")
        more = base64.urlsafe_b64encode(padded.replace(b"payments:execute", b"partners:write  "))
        for bad in (f"{header}.{more.decode().rstrip('=')}.{signature}", "a.b.c", ".." + token):
            assert await status(near, bad) == 401

    async def test_what_it_says_of_itself(self, near: Gateway) -> None:
        metadata = (await near.client.get("/.well-known/oauth-authorization-server")).json()
        assert metadata["issuer"] == ISSUER
        assert metadata["token_endpoint"] == f"{ISSUER}/oauth/token"
        assert metadata["jwks_uri"] == f"{ISSUER}/oauth/jwks"
        assert "none" not in metadata["token_endpoint_auth_signing_alg_values_supported"]
        assert metadata["tls_client_certificate_bound_access_tokens"] is True


class TestAttacks:
    async def test_assertions_that_do_not_hold(self, near: Gateway) -> None:
        bank, other = await Bank.opened(near), await Bank.opened(near)
        secret = json.dumps(public(bank.key)).encode()
        now = bank.now
        bad = {
            "other key": bank.assertion(key=new_key()),
            "other kind of key": bank.assertion(key=new_key("EC")),
            "alg none": forged({"alg": "none"}, bank.said(), None),
            "alg none, with kid": forged(
                {"alg": "none", "kid": str(bank.key.kid)}, bank.said(), None
            ),
            "public key as secret": forged({"alg": "HS256"}, bank.said(), secret),
            "another's client": bank.assertion(iss=other.id, sub=other.id),
            "iss is another": bank.assertion(iss=other.id),
            "wrong audience": bank.assertion(aud="https://other.example"),
            "an audience more": bank.assertion(aud=[ISSUER, "https://other.example"]),
            "no audience": bank.assertion(aud=None),
            "iat beyond 60 s": bank.assertion(iat=now + 61),
            "iat long ago": bank.assertion(iat=now - 61),
            "iat is no number": bank.assertion(iat=float("nan")),
            "iat is too large a number": bank.assertion(iat=10**400),
            "no iat": bank.assertion(iat=None),
            "expired": bank.assertion(exp=now),
            "no exp": bank.assertion(exp=None),
            "not yet": bank.assertion(nbf=now + 61),
            "no jti": bank.assertion(jti=None),
            "long jti": bank.assertion(jti="x" * 256),
            "long": bank.assertion(padding="x" * 8_192),
            "nothing": "a.b.c",
        }
        for name, assertion in bad.items():
            refused = await bank.ask(assertion)
            said = (refused.status_code, refused.json()["error"])
            assert said == (401, "invalid_client"), name
            assert refused.headers["content-type"] == "application/json"
            assert refused.headers["cache-control"] == "no-store"

    async def test_a_clock_that_is_a_little_off_is_borne(self, near: Gateway) -> None:
        bank = await Bank.opened(near)
        for seconds in (10, -10, 60, -60):
            late = bank.assertion(iat=bank.now + seconds, exp=bank.now + seconds + 61)
            assert (await bank.ask(late)).status_code == 200, seconds

    async def test_an_assertion_is_good_once_in_all_processes(
        self, near: Gateway, beside: Gateway
    ) -> None:
        bank = await Bank.opened(near)
        assertion = bank.assertion(jti="1")
        assert (await bank.ask(assertion)).status_code == 200
        for gateway in (near, beside):
            again = await Bank(gateway, bank.account, bank.id, bank.key).ask(assertion)
            assert (again.status_code, again.json()["error"]) == (401, "invalid_client")
        same = await Bank.opened(near)  # whose jti is its own
        assert (await same.ask(same.assertion(jti="1"))).status_code == 200
        used = "SELECT count(*) FROM client_assertion"
        await forget_assertions(near.api.database, near.api.clock)
        assert await near.api.database.hot.fetchval(used) == 2
        near.api.clock.at += timedelta(seconds=121)
        assert (await bank.ask(assertion)).status_code == 401
        near.api.clock.at += timedelta(seconds=60)
        await forget_assertions(near.api.database, near.api.clock)
        assert await near.api.database.hot.fetchval(used) == 0

    async def test_requests_that_are_not_as_agreed(self, near: Gateway) -> None:
        bank = await Bank.opened(near)
        key = await near.issue()
        grant = {"grant_type": "client_credentials"}
        other_type = {"client_assertion_type": "jwt", "client_assertion": bank.assertion()}
        twice = b"grant_type=client_credentials&client_id=a&client_id=b"
        secret = {"client_id": bank.id, "client_secret": key.key}
        for body, code, error in (
            ({}, 400, "unsupported_grant_type"),
            ({"grant_type": "password"}, 400, "unsupported_grant_type"),
            (grant, 401, "invalid_client"),
            (grant | {"client_id": "x"}, 401, "invalid_client"),
            (grant | {"client_id": bank.id}, 401, "invalid_client"),
            (grant | other_type, 400, "invalid_request"),
            (grant | secret, 401, "invalid_client"),  # it signs, and in no weaker way
            (grant | secret | other_type, 400, "invalid_request"),
        ):
            answer = await near.client.post("/oauth/token", data=body)
            assert (answer.status_code, answer.json()["error"]) == (code, error), body
        for raw in (twice, b"\xff", b"a=%ff", b"&".join([b"a=1"] * 50)):
            answer = await near.client.post("/oauth/token", content=raw)
            assert answer.status_code == 400, raw
        basic = {"Authorization": "Basic eA"}
        refused = await near.client.post("/oauth/token", data=grant, headers=basic)
        assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")


class TestCertificates:
    async def test_a_token_is_bound_to_the_clients_certificate(self, proxied: Gateway) -> None:
        bank = await Bank.opened(proxied, certificates=[THUMBPRINT])
        answer = await bank.certified(THUMBPRINT)
        assert (answer.status_code, answer.json()["expires_in"]) == (200, 3600), answer.text
        token = answer.json()["access_token"]
        jwks = (await proxied.client.get("/oauth/jwks")).json()
        assert claims_of(token, jwks)["cnf"] == {"x5t#S256": THUMBPRINT}
        assert await status(proxied, token, Susa_Client_Certificate=THUMBPRINT) == 200
        assert await status(proxied, token, Susa_Client_Certificate=OTHER_THUMBPRINT) == 401
        assert await status(proxied, token) == 401
        for wrong in (OTHER_THUMBPRINT, "", "x"):
            assert (await bank.certified(wrong)).status_code == 401
        both = await bank.ask(
            bank.assertion(), headers={CERTIFICATE: THUMBPRINT}, client_id=bank.id
        )
        assert both.status_code == 401

    async def test_who_signs_over_mutual_tls_gets_a_bound_one_too(self, proxied: Gateway) -> None:
        bank = await Bank.opened(proxied)
        answer = await bank.ask(bank.assertion(), headers={CERTIFICATE: THUMBPRINT})
        token = answer.json()["access_token"]
        assert await status(proxied, token, Susa_Client_Certificate=THUMBPRINT) == 200
        assert await status(proxied, token) == 401

    async def test_only_a_trusted_proxy_is_heard(self, near: Gateway) -> None:
        bank = await Bank.opened(near, certificates=[THUMBPRINT])
        assert (await bank.certified(THUMBPRINT)).status_code == 401


class TestRevocation:
    async def test_it_is_seen_by_another_process_within_5_s(
        self, near: Gateway, beside: Gateway
    ) -> None:
        bank = await Bank.opened(near)
        key = await near.issue("parcels:read")
        token = await bank.token()
        for gateway in (near, beside):
            assert await status(gateway, token) == 200
            read = await gateway.client.get("/v1/parcels", headers=bearer(key))
            assert read.status_code == 200
        for account, revoked in ((bank.account, bank.id), (near.partner_id, key.id)):
            gone = await manage(near.api, "DELETE", f"/{account}/keys/{revoked}")
            assert gone.status_code == 204
        for gateway in (near, beside):
            gateway.ticks.at += 4.9
            assert await status(gateway, token) == 401
            read = await gateway.client.get("/v1/parcels", headers=bearer(key))
            assert read.status_code == 401
            fresh = await Bank(gateway, bank.account, bank.id, bank.key).ask(bank.assertion())
            assert fresh.status_code == 401

    async def test_so_is_a_suspension_and_a_key_left_out(
        self, near: Gateway, beside: Gateway
    ) -> None:
        bank = await Bank.opened(near)
        token = await bank.token()
        assert await status(beside, token) == 200
        new = new_key()
        path = f"/{bank.account}/clients/{bank.id}"
        changed = await manage(near.api, "PUT", path, {"public_keys": [public(new)]})
        assert [key["kid"] for key in changed.json()["public_keys"]] == [new.kid]
        near.ticks.at += 4.9
        beside.ticks.at += 4.9
        assert (await bank.ask(bank.assertion())).status_code == 401
        other = Bank(beside, bank.account, bank.id, new)
        assert (await other.ask(other.assertion())).status_code == 200
        assert (await manage(near.api, "POST", f"/{bank.account}/suspend")).status_code == 200
        beside.ticks.at += 4.9
        assert await status(beside, token) == 401
        refused = await other.ask(other.assertion())
        assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
        stranger = await other.ask(other.assertion(key=new_key()))
        assert ["suspended" in told.text for told in (refused, stranger)] == [True, False]
