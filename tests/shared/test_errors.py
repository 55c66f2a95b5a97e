"""Which failures pass (503, try again), and a made-up cursor's 422."""

from typing import Annotated

import asyncpg
import pytest
from fastapi import Depends
from sqlalchemy import text

from shared.errors import is_passing
from shared.pagination import Page, encode_cursor, page
from tests.conftest import Api, Serve

pytestmark = pytest.mark.anyio


async def raised(api: Api, *statements: str) -> BaseException:
    """What these statements raise in a session, as a route would meet it."""
    with pytest.raises(Exception) as caught:
        async with api.database.transaction() as session:
            for statement in statements:
                await session.execute(text(statement))
    return caught.value


class TestPassing:
    async def test_locks_and_timeouts_pass(self, serve: Serve) -> None:
        api: Api = await serve("offices")
        async with api.database.transaction() as other:
            await other.execute(text("SELECT FROM clock FOR UPDATE"))
            wait = "SELECT FROM clock FOR UPDATE"
            assert is_passing(await raised(api, "SET LOCAL lock_timeout = 20", wait))
            assert is_passing(await raised(api, "SET LOCAL statement_timeout = 20", wait))
        gone = "SELECT pg_terminate_backend(pg_backend_pid())"
        assert is_passing(await raised(api, gone))

    async def test_mistakes_do_not(self, serve: Serve) -> None:
        api: Api = await serve("offices")
        assert not is_passing(await raised(api, "SELECT 1/0"))
        with pytest.raises(asyncpg.DataError) as caught:
            await api.database.hot.fetch("SELECT $1::bigint", 2**70)
        assert not is_passing(caught.value)


async def test_a_cursor_of_infinity_is_refused(serve: Serve) -> None:
    api: Api = await serve("offices")

    @api.app.get("/listed")
    async def listed(asked: Annotated[Page, Depends(page)]) -> int | None:
        return asked.after_int()

    answer = await api.client.get("/listed", params={"cursor": encode_cursor([float("inf")])})
    assert answer.status_code == 422
