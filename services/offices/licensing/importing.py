"""Licences older than the system: each is recorded as a decision with its paper's reference."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from services.offices.contracts.service import regate_all
from services.offices.decisions.models import Decision
from services.offices.decisions.service import Basis, applied, decision
from services.offices.licensing import domain, repository
from services.offices.licensing.domain import LicenceKind
from services.offices.licensing.effects import CLOCK
from services.offices.licensing.models import Licence
from services.offices.licensing.schemas import ImportOut, ImportRequest, ImportResult, ImportRow
from services.offices.licensing.service import new_licence
from services.offices.registry.models import Office
from services.offices.states import states
from shared import outbox
from shared.calendar import day_start, tehran_date
from shared.database import driver

TEXT: Final = "issued on paper before this system"
DAY: Final = timedelta(days=1)


async def import_all(
    session: AsyncSession, wanted: ImportRequest, *, by: str, now: datetime
) -> ImportOut:
    results = await import_licences(session, wanted.licences, by=by, now=now)
    count = sum(each.result == "imported" for each in results)
    return ImportOut(imported=count, results=results)


async def import_licences(
    session: AsyncSession, rows: Sequence[ImportRow], *, by: str, now: datetime
) -> list[ImportResult]:
    """What becomes of each row; a number that is known is a duplicate or refused, never changed.

    `by` is the account that imports them, or `seeding`.
    """
    batch = await _Batch.load(session, rows, tehran_date(now))
    made: list[tuple[Licence, list[Decision]]] = []
    results = []
    for row in rows:
        if (known := batch.licences.get(row.number)) is not None:
            results.append(_known(row, known))
        elif (problem := batch.problem(row)) is not None:
            results.append(_result(row, "refused", None, problem))
        else:
            licence, decisions = _imported(row, batch.offices[row.office], by, now)
            batch.take(licence)
            made.append((licence, decisions))
            results.append(_result(row, "imported", licence, None))
    await _save(session, made, now)
    return results


@dataclass(slots=True)
class _Batch:
    """What is there: the offices named (locked), licences by number, and those in force."""

    offices: dict[str, Office]
    licences: dict[str, Licence]
    in_force: dict[tuple[int, LicenceKind], Licence]
    today: date

    @classmethod
    async def load(cls, session: AsyncSession, rows: Sequence[ImportRow], today: date) -> "_Batch":
        offices = await repository.offices(session, {row.office for row in rows})
        await repository.lock_numbers(session)
        return cls(
            offices,
            await repository.by_number(session, {row.number for row in rows}),
            await repository.in_force(session, [office.id for office in offices.values()]),
            today,
        )

    def problem(self, row: ImportRow) -> str | None:
        office = self.offices.get(row.office)
        if office is None:
            return f"office: there is no office {row.office}"
        if row.valid_from > self.today:
            return "valid_from: it has not begun; a new licence takes an application"
        if domain.has_expired("active", row.valid_until, self.today):
            return None  # of the past: the office may have been of another kind then
        if office.kind != row.kind:
            return f"kind: {row.office} is of the kind {office.kind}"
        if (standing := self.in_force.get((office.id, row.kind))) is not None:
            return f"office: it has the licence {standing.number}, {standing.status}"
        return None

    def take(self, licence: Licence) -> None:
        self.licences[licence.number] = licence
        if licence.status == "active":
            self.in_force[licence.office_id, licence.kind] = licence


def _known(row: ImportRow, known: Licence) -> ImportResult:
    """A later renewal moves the last day, so that is not compared."""
    told = (row.office, row.kind, row.valid_from, row.paper_reference)
    if told == (known.office, known.kind, known.valid_from, known.paper_reference):
        return _result(row, "duplicate", known, None)
    return _result(row, "refused", None, "number: another licence has it")


def _result(
    row: ImportRow, result: str, licence: Licence | None, problem: str | None
) -> ImportResult:
    return ImportResult.model_validate(
        {
            "number": row.number,
            "result": result,
            "licence_id": licence and licence.id,
            "problem": problem,
        }
    )


def _imported(
    row: ImportRow, office: Office, by: str, now: datetime
) -> tuple[Licence, list[Decision]]:
    """The licence, and the decisions that made it and, where its last day has passed, ended it."""
    validity = (row.valid_from, row.valid_until)
    licence = new_licence(office, row.kind, row.number, validity, row.holder, now)
    licence.paper_reference = row.paper_reference
    made = decision(
        ("licence", licence.id),
        ("import", None, domain.follow(None, "import")),
        Basis("paper", TEXT, reference=row.paper_reference),
        by=by,
        now=now,
        effective_from=day_start(row.valid_from),
    )
    applied(made, now)
    last = row.valid_until
    if last is None or not domain.has_expired("active", last, tehran_date(now)):
        return licence, [made]
    licence.status = domain.follow("active", "expire")
    ended = decision(
        ("licence", licence.id),
        ("expire", "active", licence.status),
        Basis("clock", f"the validity ended with {last}"),
        by=CLOCK,
        now=now,
        effective_from=day_start(last + DAY),
    )
    applied(ended, now)
    return licence, [made, ended]


async def _save(
    session: AsyncSession, made: Sequence[tuple[Licence, list[Decision]]], now: datetime
) -> None:
    """All rows, then one `licence.imported` each, in one round trip; the offices' gates follow."""
    session.add_all(row for licence, decisions in made for row in (licence, *decisions))
    await session.flush()
    events = [
        (
            "licence.imported",
            str(licence.id),
            now,
            json.dumps(states(licence=licence, decision=decisions[0])),
        )
        for licence, decisions in made
    ]
    if events:
        await (await driver(session)).executemany(outbox.APPEND_SQL, events)
        await regate_all(session, [licence.site for licence, _ in made], now)
