"""A client that signs gets one token for many calls, and a new assertion for each attempt."""

import json
from collections import Counter

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from joserfc import jwt
from joserfc.jwk import OKPKey

from services.year.client import Api, Retry, open_session
from services.year.login import Signing

pytestmark = pytest.mark.anyio

ISSUER = "https://post.example"


async def test_a_lost_answer_costs_a_new_assertion() -> None:
    key = OKPKey.generate_key("Ed25519")
    key.ensure_kid()
    seen: Counter[str] = Counter()

    async def about(_: web.Request) -> web.Response:
        return web.json_response({"issuer": ISSUER})

    async def token(request: web.Request) -> web.Response:
        form = await request.post()
        said = jwt.decode(str(form["client_assertion"]), key, algorithms=["Ed25519"]).claims
        assert (said["iss"], said["sub"], said["aud"]) == ("c-1", "c-1", ISSUER)
        seen[said["jti"]] += 1
        if len(seen) == 1:
            return web.json_response({"code": "unavailable"}, status=503)
        return web.json_response({"access_token": "t-1", "expires_in": 600})

    async def order(request: web.Request) -> web.Response:
        return web.json_response({"as": request.headers["Authorization"]})

    app = web.Application()
    app.add_routes(
        [
            web.get("/.well-known/oauth-authorization-server", about),
            web.post("/oauth/token", token),
            web.post("/v1/orders", order),
        ]
    )
    async with TestServer(app) as server, open_session(2) as session:
        retry = Retry(attempts=3, first_seconds=0, longest_seconds=0)
        api = Api(session, str(server.make_url("")).rstrip("/"), retry)
        client = Signing("c-1", json.dumps(dict(key.as_dict(private=True))))
        for _ in range(2):
            assert await api.post("/v1/orders", client, {}) == {"as": "Bearer t-1"}
        assert await api.post("/v1/orders", "susa_live_x", {}) == {"as": "Bearer susa_live_x"}
    assert list(seen.values()) == [1, 1]
