"""Housekeeping."""

from datetime import timedelta

import pytest

from shared import idempotency, work
from tests.conftest import START, Serve

pytestmark = pytest.mark.anyio


async def test_housekeeping_forgets_every_expired_key_and_no_other(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "FORGET_ROWS", 10)
    api = await serve("offices")
    await api.database.hot.execute(
        "INSERT INTO idempotency (caller, operation, key, fingerprint, status, headers, body,"
        " expires_at) SELECT 'c', 'o', n::text, '', 200, '{}', '', CASE WHEN n <= 25"
        " THEN $1::timestamptz ELSE $2 END FROM generate_series(1, 30) n",
        START - timedelta(seconds=1),
        START + timedelta(seconds=1),
    )
    await work.housekeeping(api.database, START)
    assert await api.database.hot.fetchval("SELECT count(*) FROM idempotency") == 5
