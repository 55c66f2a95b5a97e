"""The audit of compensation can fail: it sees what the books do not."""

import json

import asyncpg
import pytest

from services import audits
from services.complaints.payouts.audit import audit_compensation
from tests.services.complaints.money import Money

pytestmark = pytest.mark.anyio


async def test_it_sees_what_was_changed_behind_the_books(
    money: Money, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = await money.paid()
    for service, api in (("COMPLAINTS", money.api), ("PARCELS", money.parcels.api)):
        monkeypatch.setenv(f"SUSA_{service}_DSN", api.target.app_dsn)
        monkeypatch.setenv(f"SUSA_{service}_WORLDS", json.dumps(["live"]))
    monkeypatch.setenv("SUSA_KEYS", str(money.api.keys))
    found = await audits.recount("compensation")
    assert (found["clean"], found["paid_rials"]) == (True, claim["amount_rials"])
    owner = await asyncpg.connect(money.api.target.owner_dsn)
    try:
        await owner.execute("UPDATE payout SET amount_rials = amount_rials + 1")
    finally:
        await owner.close()
    wrong = await audit_compensation(money.api.database, money.parcels.api.database)
    assert not wrong.clean
    assert {one["what"] for one in wrong.wrong} == {"account", "outcome", "order"}
