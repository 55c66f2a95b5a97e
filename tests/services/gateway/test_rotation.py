"""The keys of partners' tokens are rotated under gateways that serve."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from services.gateway.config import Settings
from services.gateway.main import create_app
from services.rotation import TOKENS_OVERLAP_S, rotate
from shared import keys as shared_keys
from shared.auth import read_oauth_set
from tests.services.gateway.bank import Bank
from tests.services.gateway.conftest import SISTERS, Gateway, Ticks, bearer, echo_of

pytestmark = pytest.mark.anyio
PATH = "/v1/parcels/012345678901234567890123"


class Told:
    """A sister that takes up keys at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await echo_of(self._folder)(scope, receive, send)


@pytest.fixture
async def pair(
    near: Gateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Gateway, Gateway]]:
    """Two processes over one database and one folder of keys, which is theirs alone."""
    monkeypatch.setattr(shared_keys, "LOOK_S", 0.01)
    folder = tmp_path / "keys"
    shutil.copytree(near.api.keys, folder)
    sisters = dict.fromkeys(SISTERS, Told(folder))
    settings = Settings(dsn=near.api.target.app_dsn, worlds=["live"], SUSA_KEYS=folder)
    async with AsyncExitStack() as stack:
        made = []
        for _ in range(2):
            front = create_app(settings, clock=near.api.clock, sisters=sisters)
            await stack.enter_async_context(front.inner.router.lifespan_context(front.inner))
            transport = httpx.ASGITransport(app=front, raise_app_exceptions=False)
            client = await stack.enter_async_context(
                httpx.AsyncClient(transport=transport, base_url="http://gateway.test")
            )
            made.append(Gateway(near.api, client, Ticks(), "in_process"))
        yield made[0], made[1]


async def kids(gateway: Gateway) -> list[str]:
    return [key["kid"] for key in (await gateway.client.get("/oauth/jwks")).json()["keys"]]


async def until(pair: tuple[Gateway, Gateway], right: Callable[[list[str]], bool]) -> None:
    async with asyncio.timeout(180):
        for gateway in pair:
            while not right(await kids(gateway)):  # noqa: ASYNC110 - of files, no event here
                await asyncio.sleep(0.005)


async def status(gateway: Gateway, token: str) -> int:
    return (await gateway.client.get(PATH, headers=bearer(token))).status_code


async def test_tokens_of_the_old_key_live_on_and_a_stolen_key_ends_at_once(
    pair: tuple[Gateway, Gateway], near: Gateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "keys"
    one, other = pair
    bank = await Bank.opened(near, "parcels:read")
    bank.gateway = one
    (first,) = await kids(one)
    old = await bank.token()
    announced = shared_keys.announce_oauth(folder)  # and killed here: the next takes it up
    await until(pair, lambda found: found == [first, announced])
    assert await status(other, await bank.token()) == 200
    done = rotate(folder, ("gateway",), at_once=False, wait=lambda _: None)
    assert done["keys"]["tokens"] == announced
    await until(pair, lambda found: found == [announced, first])
    new = await bank.token()
    for gateway in pair:
        assert [await status(gateway, token) for token in (old, new)] == [200, 200]
    # past the longest life of a token the old key is none any more, with nothing restarted
    now = time.time() + TOKENS_OVERLAP_S + 1
    with monkeypatch.context() as later:
        later.setattr(time, "time", lambda: now)
        await until(pair, lambda found: found == [announced])
        assert await status(other, old) == 401
        assert await status(other, new) == 200
    # stolen: what it signed is refused, also where it is remembered
    stolen = rotate(folder, ("gateway",), at_once=True, wait=lambda _: None)["keys"]["tokens"]
    late = time.time() + 10
    with monkeypatch.context() as later:
        later.setattr(time, "time", lambda: late)
        await until(pair, lambda found: found == [stolen])
        for gateway in pair:
            assert [await status(gateway, token) for token in (old, new)] == [401, 401]
    assert (folder / "oauth.jwks").stat().st_mode & 0o077 == 0
    assert "d" in read_oauth_set(folder)[0]
    assert '"d"' not in (await one.client.get("/oauth/jwks")).text
