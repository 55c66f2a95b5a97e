"""The floor's pages in front of real sisters, as a browser without a screen reads them."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from html import unescape
from typing import Any

import httpx
import pytest

from services.gateway.web.cookies import SESSION
from tests.conftest import Serve
from tests.factories import offices
from tests.services.gateway.conftest import Gateway, start_with
from tests.services.gateway.web.conftest import browser_of
from tests.services.parcels.conftest import Parcels, office_event
from tests.services.parcels.delivery_round import Round

OFFICE = "KZ00001"


class Browser:
    """Keeps cookies and sends forms as they were filled in."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.page = ""
        self.at = ""
        self.status = 0

    async def get(self, path: str) -> str:
        return self._seen(await self.client.get(path))

    async def post(self, path: str, **fields: Any) -> str:
        return self._seen(await self.client.post(path, data=fields))

    def _seen(self, answer: httpx.Response) -> str:
        self.status, self.at = answer.status_code, answer.url.path
        self.page = unescape(answer.text)
        return self.page

    def hidden(self, name: str) -> str:
        """Of the page's first form that has it."""
        found = re.search(rf'name="{name}" value="([^"]*)"', self.page)
        assert found, f"no field {name}"
        return found[1]


@dataclass
class Floor:
    gateway: Gateway
    parcels: Parcels
    office: Round
    """Whose couriers, runs and deliveries; it asks the API itself."""
    stack: AsyncExitStack

    async def staff(self, *scopes: str, office: str | None = OFFICE) -> Browser:
        """A member of staff who has signed in, and reads English."""
        issued = await self.gateway.issue(*scopes, kind="staff", office=office)
        client = await self.stack.enter_async_context(browser_of(self.gateway))
        client.cookies.set(SESSION, issued.key, path="/portal")
        client.cookies.set("lang", "en")
        return Browser(client)


@pytest.fixture
async def floor(serve: Serve) -> AsyncIterator[Floor]:
    async with AsyncExitStack() as stack:
        parcels = Parcels(await serve("parcels"))
        await parcels.follow(*(office_event(n) for n in range(1, 4)))
        post = await serve("offices")
        await offices.add_towns(post)
        await offices.create(post)
        sisters = {"parcels": parcels.api.app, "offices": post.app}
        gateway = await start_with(stack, serve, sisters, "in_process")
        yield Floor(gateway, parcels, Round(parcels), stack)
