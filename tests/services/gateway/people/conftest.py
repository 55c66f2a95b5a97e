"""A gateway at which people sign in: codes go to a file, time stands until it is moved."""

import json
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest

from services.gateway.forwarding.table import ROUTES
from tests.conftest import Serve
from tests.services.gateway.conftest import Gateway, bearer, echo_of, start

PASSWORD = "آسمان آبی کارون ۹۸"


def guarded(scope: str) -> str:
    """A path that is forwarded for this scope alone."""
    return next(
        route.template
        for route in ROUTES
        if route.scope == scope and route.method == "GET" and "{" not in route.template
    )


@dataclass
class Person:
    id: str
    login: str
    password: str = PASSWORD
    secret: str = ""


class Desk:
    """What an administrator and those who sign in do at the gateway's front."""

    def __init__(self, gateway: Gateway, sms: Path) -> None:
        self.gateway = gateway
        self.sms = sms
        self.admin = ""

    async def ask(
        self, method: str, path: str, token: str = "", body: Any = None, address: str = "10.1.1.1"
    ) -> httpx.Response:
        transport = httpx.ASGITransport(
            app=self.gateway.front, raise_app_exceptions=False, client=(address, 4711)
        )
        headers = bearer(token) if token else {}
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
            return await client.request(method, path, json=body, headers=headers)

    async def hire(
        self, role: str, office: str | None = None, partner: str | None = None
    ) -> Person:
        login = f"p{secrets.token_hex(4)}"
        body = {"login": login, "name": "کارمند آزمون", "role": role, "office": office}
        body |= {} if partner is None else {"partner": partner}
        answer = await self.ask("POST", "/v1/staff", self.admin, body)
        assert answer.status_code == 201, answer.text
        return Person(answer.json()["id"], login)

    async def code(self, person: Person, purpose: str = "password") -> str:
        path = f"/v1/staff/{person.id}/{purpose}-codes"
        answer = await self.ask("POST", path, self.admin)
        assert answer.status_code == 201, answer.text
        code: str = answer.json()["code"]
        return code

    async def with_password(
        self, role: str, office: str | None = None, partner: str | None = None
    ) -> Person:
        person = await self.hire(role, office, partner)
        body = {"code": await self.code(person), "password": person.password}
        answer = await self.ask("POST", "/v1/staff/password", body=body)
        assert answer.status_code == 204, answer.text
        return person

    async def try_in(self, person: Person, **other: Any) -> httpx.Response:
        address = other.pop("address", "10.1.1.1")
        body = {"login": person.login, "password": person.password, **other}
        return await self.ask("POST", "/v1/sessions", body=body, address=address)

    async def sign_in(self, person: Person, **other: Any) -> str:
        answer = await self.try_in(person, **other)
        assert answer.status_code == 201, answer.text
        token: str = answer.json()["token"]
        return token

    def otp(self, person: Person, steps: int = 0) -> str:
        at = self.gateway.api.clock.at + timedelta(seconds=30 * steps)
        return pyotp.TOTP(person.secret).at(at)

    def wait(self, **time: float) -> None:
        """Time passes, for sessions and for the cache."""
        self.gateway.api.clock.at += timedelta(**time)
        self.gateway.ticks.at += timedelta(**time).total_seconds()

    async def status(self, token: str, path: str = "/v1/me") -> int:
        self.wait(seconds=4)  # beyond what a process remembers
        return (await self.ask("GET", path, token)).status_code

    def sent(self) -> list[dict[str, str]]:
        if not self.sms.exists():
            return []
        return [json.loads(line) for line in self.sms.read_text().splitlines()]


@pytest.fixture
async def desk(serve: Serve, keys: Path, tmp_path: Path) -> AsyncIterator[Desk]:
    sms = tmp_path / "sms.jsonl"
    async with AsyncExitStack() as stack:
        gateway = await start(stack, serve, echo_of(keys), "in_process", sms=str(sms))
        gateway.gate.sessions.monotonic = gateway.ticks
        made = Desk(gateway, sms)
        made.admin = (await gateway.issue("staff:write", "devices:enrol", kind="staff")).key
        yield made
