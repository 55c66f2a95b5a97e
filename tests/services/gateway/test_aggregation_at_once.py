"""Sisters are asked at once, and one that hangs keeps nobody from the others' parts."""

import asyncio
import json
from contextlib import AsyncExitStack
from typing import Any, Final

import pytest
from starlette.types import Receive, Scope, Send

from tests.conftest import Serve
from tests.services.gateway.conftest import bearer, give_up_soon, start_with

pytestmark = pytest.mark.anyio

CASES: Final = {"open": 0, "unanswered": 0, "oldest_filed_at": None}
ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "/v1/statistics/services": {"by_kind": []},
    "/v1/statistics/tasks": {"rows": []},
    "/v1/tariffs": {"items": []},
    "/figures": {
        "booked": 0,
        "within_promise_percent": None,
        "cash": {},
        "waiting_at_counter": 0,
        "waiting_too_long": 0,
        "drawer_rials": 0,
    },
    "/internal/open-cases": CASES,
}
"""By what a path holds; of all others any object will do."""
ASKED: Final = {
    "/v1/overview?period=1397": {"parcels": 1, "complaints": 1},
    "/v1/reports/offices/KZ00001?period=1397": {"offices": 1, "parcels": 2, "complaints": 1},
    "/v1/reports/province?period=1397": {"offices": 2, "parcels": 4, "complaints": 3},
}
"""How often each sister is asked for one of these."""


class Sister:
    """Answers nobody before everybody has asked; or never."""

    def __init__(self, gate: asyncio.Barrier) -> None:
        self.gate = gate
        self.asked = 0
        self.hangs = False

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        self.asked += 1
        if self.hangs:
            await asyncio.Event().wait()
        await self.gate.wait()
        path = scope["path"]
        body = next((answer for part, answer in ANSWERS.items() if part in path), {})
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(body).encode()})


@pytest.mark.parametrize("path", ASKED)
async def test_all_are_asked_before_any_answers_and_one_may_hang(
    path: str, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = asyncio.Barrier(sum(ASKED[path].values()))
    sisters = {name: Sister(gate) for name in ("offices", "parcels", "complaints")}
    async with AsyncExitStack() as stack:
        gateway = await start_with(stack, serve, sisters, "in_process")
        key = await gateway.issue("reports:read", "parcels:read")
        whole = (await gateway.client.get(path, headers=bearer(key))).json()
        assert (whole["partial"], whole["missing"]) == (False, [])
        assert {name: sister.asked for name, sister in sisters.items() if sister.asked} == (
            ASKED[path]
        )
        give_up_soon(monkeypatch, "complaints")
        sisters["complaints"].hangs = True
        gate = asyncio.Barrier(sum(ASKED[path].values()) - ASKED[path]["complaints"])
        for sister in sisters.values():
            sister.gate = gate
        part = (await gateway.client.get(path, headers=bearer(key))).json()
        assert (part["partial"], part["missing"]) == (True, ["complaints"])
