"""Accounts made on the machine: the first administrator, and who sends the synthetic year."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from services import accounts
from services.cli import app
from services.gateway.staff.events import CODE_ISSUED, CREATED
from services.installation import Home
from services.year.client import Api as YearApi
from services.year.client import Retry, open_session
from services.year.errors import Refused
from services.year.login import key_of
from shared.auth import SERVICES
from shared.clock import WallClock
from tests.conftest import Api, Serve
from tests.services.gateway.conftest import SISTERS, echo_of
from tests.services.gateway.people.conftest import PASSWORD, Desk
from tests.services.gateway.standin import served

pytestmark = pytest.mark.anyio
PAYEES, FETCH = "/v1/payees", "/v1/bank/payment-orders/fetch"


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Home:
    """Of an installation whose settings the environment says; each test names the gateway's."""
    for service in SERVICES:
        monkeypatch.setenv(f"SUSA_{service.upper()}_DSN", "postgresql://x@127.0.0.1:1/x")
    monkeypatch.setenv("SUSA_GATEWAY_WORLDS", '["live"]')
    monkeypatch.setenv("SUSA_GATEWAY_AUDIT_FILE", str(tmp_path / "heads.jsonl"))
    monkeypatch.setenv("SUSA_HOME", str(tmp_path))
    return Home(tmp_path)


def adopt(monkeypatch: pytest.MonkeyPatch, api: Api) -> None:
    monkeypatch.setenv("SUSA_GATEWAY_DSN", api.target.app_dsn)
    monkeypatch.setenv("SUSA_KEYS", str(api.keys))


async def susa(*arguments: str) -> tuple[int, dict[str, Any]]:
    """The command in a thread of its own, as it has its own loop."""
    done = await asyncio.to_thread(CliRunner().invoke, app, [*arguments, "--json"])
    return done.exit_code, json.loads(done.stdout) if done.stdout else {}


@pytest.mark.usefixtures("place")
async def test_the_first_administrator_gets_in_and_is_in_the_chain(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    adopt(monkeypatch, desk.gateway.api)
    asked = ("staff", "create", "--login", "first", "--name", "مدیر", "--role")
    status, made = await susa(*asked, "administrator")
    assert status == 0
    body = {"code": made["code"], "password": PASSWORD}
    assert (await desk.ask("POST", "/v1/staff/password", body=body)).status_code == 204
    signed_in = await desk.ask(
        "POST", "/v1/sessions", body={"login": "first", "password": PASSWORD}
    )
    assert signed_in.json()["next"] == "second_factor"
    told = await desk.gateway.api.events(CREATED, CODE_ISSUED)
    assert {event["data"]["staff_member"]["by"] for event in told} == {"susa"}
    assert "مدیر" not in json.dumps(told, ensure_ascii=False)
    assert (await susa(*asked, "king"))[0] != 0
    assert await susa("audit", "chain") == (
        0,
        {"chains": 0, "entries": 0, "checkpoints": 0, "faults": 0, "clean": True, "wrong": []},
    )


async def test_who_moves_the_years_money_signs(
    serve: Serve, keys: Path, place: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = await serve("gateway", clock=WallClock(), sisters=dict.fromkeys(SISTERS, echo_of(keys)))
    adopt(monkeypatch, api)
    old = {"bank": "susa_live_x", "cashier": "susa_live_y"}  # of before signatures were asked for
    place.credentials.write_text(json.dumps(old))
    known = await accounts.year_credentials(place)
    assert place.credentials.stat().st_mode & 0o777 == 0o600
    assert await accounts.year_credentials(place) == known
    cashier, bank = key_of(known["cashier"]), key_of(known["bank"])
    assert not isinstance(known["bank"], str)
    assert known["bank"]["jwk"]["d"] not in repr(bank)
    async with served(api.outer) as url, open_session(2) as session:
        year = YearApi(session, url, Retry(attempts=1))
        for path, key, scopes in (
            (PAYEES, cashier, ["accounts:write", "backfill", "cash:count"]),
            (FETCH, bank, ["backfill", "payments:execute"]),
        ):
            seen = await year.post(path, key, {})
            assert seen["caller"]["scopes"] == scopes
        with pytest.raises(Refused, match="needs the scope"):
            await year.post(FETCH, cashier, {})
        seen = await year.get("/v1/statistics/volumes", known["manager"], {"period": "1397"})
        assert "reports:read" in seen["caller"]["scopes"]
