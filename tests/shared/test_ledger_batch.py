"""The ledger set-wise keeps to the ledger's rules."""

import asyncpg
import pytest

from shared import ledger, ledger_batch
from shared.database import Database
from shared.ledger import Entry, When
from shared.ledger_batch import Undoing
from tests.conftest import START, Serve

pytestmark = pytest.mark.anyio

NOW = When(START, START)


@pytest.fixture
async def database(serve: Serve) -> Database:
    made: Database = (await serve("parcels")).database
    async with made.transaction() as session:
        await ledger_batch.open_all(session, {"cash": "asset", "fees": "income"}, START)
        await ledger_batch.open_all(session, {"fees": "income", "cash": "asset"}, START)
    return made


def entries(*references: str, debit: str = "cash") -> list[Entry]:
    return [Entry(debit, "fees", 100, "test", reference, NOW) for reference in references]


def undoing(reference: str) -> Undoing:
    return Undoing(reference, "undone", f"undone:{reference}", START, START)


async def cash(database: Database) -> int:
    async with database.transaction() as session:
        return (await ledger.balance(session, "cash")).posted


async def test_what_is_posted_again_is_left_out(database: Database) -> None:
    async with database.transaction() as session:
        assert await ledger_batch.transfer_all(session, []) == set()
        assert await ledger_batch.transfer_all(session, entries("a", "b")) == {"a", "b"}
        assert await ledger_batch.transfer_all(session, entries("b", "c")) == {"c"}
        found = await ledger_batch.amounts(session, ["a", "c", "d"])
    assert found == {"a": 100, "c": 100}
    assert await cash(database) == 300


async def test_each_is_taken_back_once(database: Database) -> None:
    async with database.transaction() as session:
        await ledger_batch.transfer_all(session, entries("a", "b"))
        ids = await ledger_batch.ids(session, ["a"])
        undone = await ledger_batch.reverse_all(session, [undoing("a"), undoing("nothing")])
        assert undone == {"a": 100}
        assert await ledger_batch.reverse_all(session, [undoing("a")]) == {}
        with pytest.raises(ledger.TransferSettled):
            await ledger.reverse(session, ids["a"], ledger.Reversal("x", "other", NOW))
    assert await cash(database) == 100


async def test_an_account_that_is_not_open_is_an_error(database: Database) -> None:
    with pytest.raises(asyncpg.NotNullViolationError):
        async with database.transaction() as session:
            await ledger_batch.transfer_all(session, entries("a", debit="nobody"))
    assert await cash(database) == 0
