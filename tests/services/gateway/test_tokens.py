"""API keys: how soon a change is seen, and what happens while the database is away."""

import asyncio
import uuid
from typing import Any

import pytest

from services.gateway.partners import credentials, service
from services.gateway.partners.domain import new_key
from services.gateway.tokens import repository
from services.gateway.tokens.errors import AccountsAway, AccountSuspended, KeyRefused
from services.gateway.tokens.service import CACHE_MAX, Keyring
from shared.database import Database
from tests.conftest import START
from tests.services.gateway.conftest import Gateway, bearer

pytestmark = pytest.mark.anyio


async def status_of(gateway: Gateway, key: Any) -> int:
    return (await gateway.client.get("/v1/towns", headers=bearer(key))).status_code


async def revoke(gateway: Gateway, key_id: uuid.UUID) -> None:
    async with gateway.api.database.transaction() as session:
        await credentials.revoke_key(session, gateway.partner_id, key_id, START)


async def suspend(gateway: Gateway, *, reopen: bool = False) -> None:
    async with gateway.api.database.transaction() as session:
        status: Any = "active" if reopen else "suspended"
        await service.set_status(session, gateway.partner_id, status, START)


class TestFreshness:
    async def test_a_revoked_key_is_refused_after_the_cache(self, near: Gateway) -> None:
        key = await near.issue()
        assert await status_of(near, key) == 200
        await revoke(near, key.id)
        near.ticks.at += 2.9
        assert await status_of(near, key) == 200  # still the cached word, for 3 s at most
        near.ticks.at += 0.2
        assert await status_of(near, key) == 401

    async def test_so_is_the_key_of_a_suspended_account_until_it_reopens(
        self, near: Gateway
    ) -> None:
        key = await near.issue()
        await suspend(near)
        refused = await near.client.get("/v1/towns", headers=bearer(key))
        assert (refused.status_code, refused.json()["code"]) == (401, "account_suspended")
        await suspend(near, reopen=True)
        near.ticks.at += 3.1
        assert await status_of(near, key) == 200

    async def test_an_unknown_key_is_asked_for_once_a_second(
        self, near: Gateway, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked = count_lookups(monkeypatch)
        for _ in range(3):
            assert await status_of(near, new_key("live")) == 401
        assert len(asked) == 3
        key = new_key("live")
        for _ in range(5):
            assert await status_of(near, key) == 401
        assert len(asked) == 4
        near.ticks.at += 1.1
        assert await status_of(near, key) == 401
        assert len(asked) == 5

    async def test_requests_that_come_together_ask_once(
        self, near: Gateway, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked = count_lookups(monkeypatch)
        key = await near.issue()
        answers = await asyncio.gather(*(status_of(near, key) for _ in range(20)))
        assert (set(answers), len(asked)) == ({200}, 1)

    async def test_the_caches_are_bounded(self, near: Gateway) -> None:
        ring = near.gate.keyring
        ring._unknown = {n.to_bytes(4, "big"): 0.0 for n in range(CACHE_MAX)}
        assert await status_of(near, new_key("live")) == 401
        assert len(ring._unknown) == CACHE_MAX


class TestDatabaseAway:
    async def test_known_keys_serve_for_an_hour(self, near: Gateway) -> None:
        key, ring = await near.issue(), near.gate.keyring
        assert await status_of(near, key) == 200
        there, ring._database = ring._database, await nowhere()
        near.ticks.at += 3599
        assert await status_of(near, key) == 200
        near.ticks.at += 2
        refused = await near.client.get("/v1/towns", headers=bearer(key))
        assert (refused.status_code, refused.json()["code"]) == (503, "accounts_away")
        assert refused.headers["retry-after"] == "1"
        await ring._database.close()
        ring._database = there
        near.ticks.at += 1.1
        assert await status_of(near, key) == 200

    async def test_unknown_keys_are_not_called_bad(self, near: Gateway) -> None:
        ring = Keyring(await nowhere(), bytes(32), near.ticks)
        for _ in range(2):  # the second without waiting for the database again
            with pytest.raises(AccountsAway):
                await ring.caller(f"Bearer {new_key('live')}".encode())
        await ring._database.close()

    async def test_a_suspension_is_remembered_too(self, near: Gateway) -> None:
        key, ring = await near.issue(), near.gate.keyring
        await suspend(near)
        with pytest.raises(AccountSuspended):
            await ring.caller(f"Bearer {key.key}".encode())
        there, ring._database = ring._database, await nowhere()
        near.ticks.at += 60
        with pytest.raises(AccountSuspended):
            await ring.caller(f"Bearer {key.key}".encode())
        await ring._database.close()
        ring._database = there

    async def test_another_pepper_knows_no_key(self, near: Gateway) -> None:
        key = await near.issue()
        ring = Keyring(near.api.database, bytes(32))
        with pytest.raises(KeyRefused):
            await ring.caller(f"Bearer {key.key}".encode())


async def nowhere() -> Database:
    database = Database("postgresql://x@127.0.0.1:1/x", application="x", pool_size=1, hot_size=1)
    await database.open()
    return database


def count_lookups(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Every lookup from now on; the real one still answers."""
    asked: list[bytes] = []
    real = repository.holder

    async def counted(database: Database, digest: bytes) -> Any:
        asked.append(digest)
        return await real(database, digest)

    monkeypatch.setattr(repository, "holder", counted)
    return asked
