"""A browser without a screen: keeps cookies, follows redirects, says where a form comes from."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.services.gateway.conftest import Gateway
from tests.services.gateway.people.conftest import Desk, desk

__all__ = ["Desk", "desk"]
HOST = "http://susa.test"


def browser_of(gateway: Gateway) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=gateway.front, raise_app_exceptions=False)
    return httpx.AsyncClient(
        transport=transport,
        base_url=HOST,
        headers={"Sec-Fetch-Site": "same-origin"},
        follow_redirects=True,
    )


@pytest.fixture
async def browser(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    async with browser_of(desk.gateway) as client:
        yield client
