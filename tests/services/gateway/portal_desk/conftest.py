"""A gateway before its real sisters, with people at the desk and a browser without a screen."""

import re
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.gateway.roles.domain import ROLES
from shared.client import in_process
from tests.conftest import Api, Serve
from tests.factories.offices import add_towns, office
from tests.factories.parcels import order
from tests.services.gateway.conftest import Gateway, bearer, start_with
from tests.services.gateway.people.conftest import Desk, Person
from tests.services.gateway.web.conftest import browser_of
from tests.services.parcels.conftest import office_event

SISTERS = ("offices", "parcels", "complaints")


@dataclass
class Province:
    """What is there, and who signs in: `ask` speaks to the API, `browse` as a person's browser."""

    desk: Desk
    sisters: dict[str, Api]
    stack: AsyncExitStack
    staff: dict[str, Person] = field(default_factory=dict)
    scopes: dict[tuple[str, ...], str] = field(default_factory=dict)

    @property
    def gateway(self) -> Gateway:
        return self.desk.gateway

    async def ask(self, method: str, path: str, body: Any = None, *scopes: str) -> Any:
        """As staff with these scopes; the body of what succeeded."""
        if scopes not in self.scopes:
            self.scopes[scopes] = (await self.gateway.issue(*scopes, kind="staff")).key
        headers = {**bearer(self.scopes[scopes]), "Idempotency-Key": str(uuid.uuid4())}
        answer = await self.gateway.client.request(method, path, json=body, headers=headers)
        assert answer.is_success, f"{method} {path}: {answer.text}"
        return answer.json() if answer.content else None

    async def new_office(self) -> str:
        """At offices, and told to parcels as its consumer would."""
        made = await self.ask("POST", "/v1/offices", office(), "offices:write")
        return str(made["code"])

    async def browse(self, role: str, **more: Any) -> httpx.AsyncClient:
        """The browser of one more person of a role, who has just signed in."""
        person = await self.desk.with_password(role, **more)
        token = await self.desk.sign_in(person)
        if ROLES[role].second_factor:  # type: ignore[index]  # a role by its name
            token = await self.strong(person, token)
        browser = await self.stack.enter_async_context(browser_of(self.gateway))
        browser.cookies.set("susa_session", token, domain="susa.test", path="/portal")
        self.staff[role] = person
        return browser

    async def strong(self, person: Person, token: str) -> str:
        """With a second factor, set up and given."""
        made = await self.desk.ask("POST", "/v1/me/second-factor", token)
        person.secret = made.json()["secret"]
        body = {"code": self.desk.otp(person)}
        done = await self.desk.ask("POST", "/v1/me/second-factor/confirm", token, body)
        assert done.is_success, done.text
        self.gateway.gate.sessions.forget(f"Bearer {token}".encode())
        return token


__all__ = ["Province", "fields_of", "office_event", "order", "seen"]


def seen(answer: httpx.Response, *texts: str, status: int = 200) -> str:
    """The page's words, once it has been seen that all of these are there."""
    assert answer.status_code == status, answer.text[-3000:]
    for text in texts:
        assert text in answer.text, text
    return answer.text


def fields_of(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the form that is sent there."""
    form = re.search(rf'<form[^>]*action="{re.escape(action)}"[^>]*>(.*?)</form>', page, re.DOTALL)
    assert form is not None, action
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form[1]))


@pytest.fixture
async def province(serve: Serve, keys: Path, tmp_path: Path) -> AsyncIterator[Province]:
    async with AsyncExitStack() as stack:
        offices = await serve("offices")
        await add_towns(offices)
        parcels = await serve("parcels", clients={"offices": in_process(offices.app)})
        known = {"parcels": in_process(parcels.app), "offices": in_process(offices.app)}
        complaints = await serve("complaints", clients=known)
        apis = {"offices": offices, "parcels": parcels, "complaints": complaints}
        apps = {name: api.app for name, api in apis.items()}
        gateway = await start_with(stack, serve, apps, "in_process")
        gateway.gate.sessions.monotonic = gateway.ticks
        desk = Desk(gateway, tmp_path / "sms.jsonl")
        scopes = ("staff:write", "devices:enrol", "partners:write")
        desk.admin = (await gateway.issue(*scopes, kind="staff")).key
        yield Province(desk, apis, stack)
