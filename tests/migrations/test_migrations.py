"""Every service's schema goes up, matches the models, comes down and goes up again."""

import asyncio
import json
import secrets

import asyncpg
import pytest
from alembic import command

from shared import provision
from shared.auth import SERVICES
from tests.conftest import target


@pytest.mark.parametrize("service", SERVICES)
def test_up_check_down_up(admin_dsn: str, service: str) -> None:
    made = target(admin_dsn, service, f"mig_{service}_{secrets.token_hex(3)}")
    asyncio.run(provision.prepare(admin_dsn, made, ["live"]))
    config = provision.alembic_config(service, made.owner_dsn)
    command.upgrade(config, "head")
    command.check(config)
    command.downgrade(config, "base")
    command.upgrade(config, "head")


ACCOUNTS = tuple(f"00000000-0000-7000-8000-00000000000{n}" for n in (1, 2, 3))
BEFORE = (
    ("partner.opened", 1, {"by": None}),
    ("partner.opened", 2, {"by": ACCOUNTS[0]}),
    ("credential.issued", 2, {"by": ACCOUNTS[0]}),
    ("partner.changed", 3, {"by": ACCOUNTS[1]}),
    ("credential.changed", 3, {"by": ACCOUNTS[2]}),
    ("staff_member.code_issued", 3, {"staff_member": {"by": ACCOUNTS[0]}}),
    ("staff_member.second_factor_reset", 1, {"staff_member": {"by": "susa"}}),
)


def test_who_equipped_whom_is_known_of_before(admin_dsn: str) -> None:
    """From the audit's chains: so that an upgrade makes nobody a second person."""
    made = target(admin_dsn, "gateway", f"mig_equippers_{secrets.token_hex(3)}")
    asyncio.run(provision.prepare(admin_dsn, made, ["live"]))
    config = provision.alembic_config("gateway", made.owner_dsn)
    command.upgrade(config, "0008")
    asyncio.run(_did_before(made.owner_dsn))
    command.upgrade(config, "head")
    found = asyncio.run(_equippers(made.owner_dsn))
    assert found == [(ACCOUNTS[1], ACCOUNTS[0]), (ACCOUNTS[2], ACCOUNTS[0])]


async def _did_before(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    for account in ACCOUNTS:
        await connection.execute(
            "INSERT INTO partner (id, kind, name, status, created_at, updated_at)"
            " VALUES ($1, 'staff', 'x', 'active', now(), now())",
            account,
        )
    for seq, (type_, number, data) in enumerate(BEFORE, 1):
        await connection.execute(
            "INSERT INTO audit_entry (chain, seq, source, event, type, subject, time, data, prev,"
            " hash) VALUES ('province', $1, 'gateway', uuidv7(), $2, $3, '2019-03-21T08:00:00Z',"
            " $4, sha256(''), sha256(''))",
            seq,
            type_,
            ACCOUNTS[number - 1],
            json.dumps(data),
        )
    await connection.close()


async def _equippers(dsn: str) -> list[tuple[str, str]]:
    connection = await asyncpg.connect(dsn)
    rows = await connection.fetch(
        "SELECT account_id::text, by_id::text FROM account_equipper ORDER BY account_id, by_id"
    )
    await connection.close()
    return [(row["account_id"], row["by_id"]) for row in rows]
