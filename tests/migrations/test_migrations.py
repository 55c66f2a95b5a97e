"""Every service's schema goes up, matches the models, comes down and goes up again."""

import asyncio
import secrets

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
