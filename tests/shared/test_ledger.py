"""The ledger on the database of a real service, as the app's role."""

import asyncio
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncSession

from shared import ledger
from shared.database import Database
from shared.errors import Problem
from shared.ledger import Entry, Reversal, When
from tests.conftest import START, Serve

pytestmark = pytest.mark.anyio

NOW = When(START, START)
ACCOUNTS = ("cash", "fees", "claims")


def later(**delta: float) -> When:
    return When(START + timedelta(**delta), START + timedelta(**delta))


def entry(reference: str, amount: int = 1_000, debit: str = "cash", credit: str = "fees") -> Entry:
    return Entry(debit, credit, amount, "test", reference, NOW)


@pytest.fixture(params=["complaints", "parcels"])
async def database(serve: Serve, request: pytest.FixtureRequest) -> Database:
    """Open accounts on the database of either service that has a ledger."""
    made: Database = (await serve(request.param)).database
    async with made.transaction() as session:
        for code, kind in zip(ACCOUNTS, ("asset", "income", "liability"), strict=True):
            await ledger.open_account(session, code, kind, START)  # type: ignore[arg-type]
    return made


async def posted(database: Database) -> dict[str, int]:
    async with database.transaction() as session:
        return {code: (await ledger.balance(session, code)).posted for code in ACCOUNTS}


class TestTransfer:
    async def test_moves_at_once_and_sums_to_zero(self, database: Database) -> None:
        async with database.transaction() as session:
            await ledger.transfer(session, entry("t-1", 700))
            await ledger.transfer(session, entry("t-2", 200, "fees", "claims"))
        assert await posted(database) == {"cash": 700, "fees": -500, "claims": -200}

    async def test_a_reference_is_used_once_and_the_transaction_goes_on(
        self, database: Database
    ) -> None:
        async with database.transaction() as session:
            await ledger.transfer(session, entry("t-1"))
            with pytest.raises(ledger.ReferenceUsed):
                await ledger.transfer(session, entry("t-1", 5))
            await ledger.transfer(session, entry("t-2"))
        assert (await posted(database))["cash"] == 2_000

    async def test_unknown_accounts_are_named(self, database: Database) -> None:
        async with database.transaction() as session:
            with pytest.raises(ledger.AccountUnknown, match="nobody"):
                await ledger.transfer(session, entry("t-1", debit="nobody"))
            with pytest.raises(ledger.AccountUnknown, match="nobody"):
                await ledger.balance(session, "nobody")
            with pytest.raises(ledger.AccountExists):
                await ledger.open_account(session, "cash", "asset", START)

    @pytest.mark.parametrize("amount", [0, -1, 10**15 + 1, True, 1.5])
    async def test_amounts_are_bounded_integers(self, amount: Any) -> None:
        with pytest.raises(ValueError, match="rials"):
            entry("t-1", amount)

    async def test_two_accounts_are_needed(self) -> None:
        with pytest.raises(ValueError, match="two accounts"):
            entry("t-1", credit="cash")


class TestTwoPhases:
    async def test_reserved_is_pending_until_posted_in_part(self, database: Database) -> None:
        async with database.transaction() as session:
            held = await ledger.reserve(session, entry("r-1", 1_000))
            before = await ledger.balance(session, "cash")
            assert (before.posted, before.pending) == (0, 1_000)
            await ledger.post(session, held, 600, NOW)
            after = await ledger.balance(session, "cash")
            assert (after.posted, after.pending) == (600, 0)

    async def test_posting_never_exceeds_what_was_reserved(self, database: Database) -> None:
        async with database.transaction() as session:
            held = await ledger.reserve(session, entry("r-1", 1_000))
            with pytest.raises(ledger.TransferRefused, match="1000"):
                await ledger.post(session, held, 1_001, NOW)
            await ledger.post(session, held, 1_000, NOW)

    async def test_voided_moves_nothing_and_is_final(self, database: Database) -> None:
        async with database.transaction() as session:
            held = await ledger.reserve(session, entry("r-1"))
            await ledger.void(session, held, NOW)
            with pytest.raises(ledger.TransferSettled, match="voided"):
                await ledger.post(session, held, 1, NOW)
            balance = await ledger.balance(session, "cash")
        assert (balance.posted, balance.pending) == (0, 0)

    async def test_expires_only_after_its_time_and_is_not_posted_then(
        self, database: Database
    ) -> None:
        limit = later(hours=1)
        async with database.transaction() as session:
            held = await ledger.reserve(session, entry("r-1"), expires_at=limit.occurred_at)
            with pytest.raises(ledger.TransferRefused, match="expired"):
                await ledger.expire(session, held, later(minutes=59))
            with pytest.raises(ledger.TransferRefused, match="posted"):
                await ledger.post(session, held, 1, limit)
            await ledger.expire(session, held, limit)
            forever = await ledger.reserve(session, entry("r-2"))
            with pytest.raises(ledger.TransferRefused):
                await ledger.expire(session, forever, later(days=999))
            await ledger.post(session, forever, 1, later(days=999))

    async def test_a_transfer_that_moved_at_once_has_no_outcome(self, database: Database) -> None:
        async with database.transaction() as session:
            moved = await ledger.transfer(session, entry("t-1"))
            with pytest.raises(ledger.TransferRefused, match="at once"):
                await ledger.void(session, moved, NOW)
            with pytest.raises(ledger.TransferUnknown):
                await ledger.void(session, moved + 1, NOW)


class TestReversal:
    async def test_takes_back_all_once(self, database: Database) -> None:
        async with database.transaction() as session:
            moved = await ledger.transfer(session, entry("t-1", 1_000))
            await ledger.reverse(session, moved, Reversal("undo", "t-1/undo", NOW))
            with pytest.raises(ledger.TransferSettled, match="reversed"):
                await ledger.reverse(session, moved, Reversal("undo", "t-1/again", NOW, 1))
        assert await posted(database) == {"cash": 0, "fees": 0, "claims": 0}

    async def test_takes_back_no_more_than_was_posted(self, database: Database) -> None:
        async with database.transaction() as session:
            held = await ledger.reserve(session, entry("r-1", 1_000))
            with pytest.raises(ledger.TransferRefused, match="moved 0"):
                await ledger.reverse(session, held, Reversal("undo", "u-1", NOW))
            await ledger.post(session, held, 400, NOW)
            with pytest.raises(ledger.TransferRefused, match="moved 400"):
                await ledger.reverse(session, held, Reversal("undo", "u-1", NOW, 401))
            with pytest.raises(ledger.ReferenceUsed):
                await ledger.reverse(session, held, Reversal("undo", "r-1", NOW))
            await ledger.reverse(session, held, Reversal("undo", "u-1", NOW, 150))
        assert (await posted(database))["cash"] == 250


TABLES = ("ledger_account", "ledger_transfer", "ledger_outcome")


class TestProtection:
    @pytest.mark.parametrize("table", TABLES)
    async def test_the_app_may_only_add(self, database: Database, table: str) -> None:
        column = "amount" if table != "ledger_account" else "code"
        for statement in (
            f"UPDATE {table} SET {column} = {column}",
            f"DELETE FROM {table}",
            f"TRUNCATE {table} CASCADE",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await database.hot.execute(statement)
        assert await database.hot.fetchval(f"SELECT count(*) FROM {table}") is not None


class TestRaces:
    ROUNDS = 20
    RACERS = 64

    async def test_one_of_64_settles_a_reservation(self, database: Database) -> None:
        wide = Database(database.dsn, application="race", pool_size=self.RACERS, hot_size=1)
        wins: Counter[str] = Counter()
        try:
            for n in range(self.ROUNDS):
                async with wide.transaction() as session:
                    held = await ledger.reserve(session, entry(f"race-{n}"), expires_at=START)
                ends = await asyncio.gather(*(settle(wide, held, i) for i in range(self.RACERS)))
                assert len([end for end in ends if end]) == 1
                wins.update(end for end in ends if end)
        finally:
            await wide.close()
        balance = await posted(database)
        assert balance["cash"] == wins["posted"] * 1_000 == -balance["fees"]
        assert wins.total() == self.ROUNDS


async def settle(database: Database, transfer: int, racer: int) -> str | None:
    """One racer's attempt: what it made of the transfer, None if another was first."""
    try:
        async with database.transaction() as session:
            match racer % 3:
                case 0:
                    await ledger.post(session, transfer, 1_000, later(days=-1))
                    return "posted"
                case 1:
                    await ledger.void(session, transfer, NOW)
                    return "voided"
                case _:
                    await ledger.expire(session, transfer, NOW)
                    return "expired"
    except ledger.TransferSettled:
        return None


@dataclass
class Model:
    """What the ledger should hold, kept apart from it in plain Python."""

    amounts: dict[int, tuple[str, str, int, bool]] = field(default_factory=dict)
    moved: dict[int, int] = field(default_factory=dict)
    settled: set[int] = field(default_factory=set)
    reversed: set[int] = field(default_factory=set)

    def write(self, made: int, debit: str, credit: str, amount: int, *, pending: bool) -> None:
        self.amounts[made] = (debit, credit, amount, pending)
        self.moved[made] = 0 if pending else amount

    def balances(self) -> dict[str, tuple[int, int]]:
        totals: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for made, (debit, credit, amount, pending) in self.amounts.items():
            held = amount if pending and made not in self.settled else 0
            for code, sign in ((debit, 1), (credit, -1)):
                totals[code][0] += sign * self.moved[made]
                totals[code][1] += sign * held
        return {code: (totals[code][0], totals[code][1]) for code in ACCOUNTS}


PAIRS = [(a, b) for a in ACCOUNTS for b in ACCOUNTS if a != b]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["transfer", "reserve", "reserve", "post", "post", "void", "reverse"]),
        st.sampled_from(PAIRS),
        st.integers(1, 100),
        st.integers(0, 5),
    ),
    min_size=1,
    max_size=15,
)


async def step(session: AsyncSession, model: Model, n: int, what: tuple[Any, ...]) -> None:
    """One operation in ledger and model; the model says whether it should be refused."""
    name, (debit, credit), amount, pick = what
    if name in {"transfer", "reserve"}:
        write = ledger.transfer if name == "transfer" else ledger.reserve
        made = await write(session, Entry(debit, credit, amount, "test", f"s-{n}", NOW))
        model.write(made, debit, credit, amount, pending=name == "reserve")
        return
    if not model.amounts:
        return
    target = list(model.amounts)[pick % len(model.amounts)]
    debit, credit, reserved, pending = model.amounts[target]
    open_ = pending and target not in model.settled
    try:
        if name == "post":
            await ledger.post(session, target, amount, NOW)
            assert open_
            assert amount <= reserved
            model.moved[target] = amount
            model.settled.add(target)
        elif name == "void":
            await ledger.void(session, target, NOW)
            assert open_
            model.settled.add(target)
        else:
            made = await ledger.reverse(session, target, Reversal("undo", f"s-{n}", NOW, amount))
            assert target not in model.reversed
            assert amount <= model.moved[target]
            model.reversed.add(target)
            model.write(made, credit, debit, amount, pending=False)
    except Problem:
        allowed = {
            "post": open_ and amount <= reserved,
            "void": open_,
            "reverse": target not in model.reversed and amount <= model.moved[target],
        }
        assert not allowed[name]


class UndoneError(Exception):
    """Rolls an example back."""


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
async def test_sums_to_zero_and_never_posts_more_than_reserved(
    ledger_dsn: str, steps: list[tuple[Any, ...]]
) -> None:
    connected = Database(ledger_dsn, application="property", pool_size=1, hot_size=1)
    try:
        with pytest.raises(UndoneError):
            async with connected.transaction() as session:
                await check(session, steps)
                raise UndoneError
    finally:
        await connected.close()


async def check(session: AsyncSession, steps: list[tuple[Any, ...]]) -> None:
    model = Model()
    for code in ACCOUNTS:
        await ledger.open_account(session, code, "asset", START)
    for n, what in enumerate(steps):
        await step(session, model, n, what)
        found = {code: await ledger.balance(session, code) for code in ACCOUNTS}
        assert {c: (b.posted, b.pending) for c, b in found.items()} == model.balances()
        assert sum(b.posted for b in found.values()) == 0
        assert sum(b.pending for b in found.values()) == 0


@pytest.fixture
async def ledger_dsn(serve: Serve) -> str:
    dsn: str = (await serve("complaints")).database.dsn
    return dsn
