"""Example papers of the planned offices, so that they may book: contracts, and licences with them.

Their references say that they are examples; their days cover the year's months and long after.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from services.offices.contracts import domain, repository
from services.offices.contracts.models import Contract, ContractVersion
from services.offices.contracts.service import EVENTS, regate_all
from services.offices.gate.domain import NEEDS
from services.offices.licensing.importing import import_licences
from services.offices.licensing.schemas import ImportRow
from services.offices.registry.models import Office
from services.offices.registry.repository import lock_seeding
from services.offices.states import states
from shared import outbox
from shared.auth import World
from shared.database import driver
from shared.runtime import Runtime

REFERENCE: Final = "example data"
SEEDING: Final = "seeding"
FROM: Final = date(2016, 3, 20)  # the first of 1395
UNTIL: Final = date(2051, 3, 20)  # the last of 1429
COMMISSION: Final = {
    "product": "all",
    "valid_from": FROM.isoformat(),
    "valid_until": None,
    "basis_points": 2_000,
    "rials_per_item": None,
}


@dataclass(frozen=True, slots=True)
class PapersResult:
    """How many this run added; zeros when all were there."""

    contracts: int
    licences: int


async def seed(runtime: Runtime, world: World) -> PapersResult:
    """Give each planned office that needs papers and never had a contract what it needs."""
    now = runtime.clock.now()
    async with runtime.databases[world].transaction() as session:
        await lock_seeding(session)
        offices = await repository.unpapered(
            session, [kind for kind, needs in NEEDS.items() if needs]
        )
        await _sign(session, offices, now)
        licensed = [_licence(office) for office in offices if "licence" in NEEDS[office.kind]]
        results = await import_licences(session, licensed, by=SEEDING, now=now)
        await regate_all(session, offices, now)
    return PapersResult(len(offices), sum(each.result == "imported" for each in results))


async def _sign(session: AsyncSession, offices: Sequence[Office], now: datetime) -> None:
    """A contract each, its version and its event, a round trip a table."""
    numbers = await repository.next_numbers(session, len(offices))
    contracts = [
        Contract(
            number=domain.contract_number(number),
            site=office,
            valid_from=FROM,
            valid_until=UNTIL,
            commission=[COMMISSION],
            status="active",
            paper_reference=REFERENCE,
            version=1,
            created_at=now,
            updated_at=now,
        )
        for number, office in zip(numbers, offices, strict=True)
    ]
    session.add_all(contracts)
    await session.flush()
    told = [(contract, states(contract=contract)) for contract in contracts]
    session.add_all(
        ContractVersion(
            contract_id=contract.id,
            version=1,
            action="signed",
            terms=state["contract"],
            changed_by=SEEDING,
            changed_at=now,
        )
        for contract, state in told
    )
    await session.flush()
    rows = [(EVENTS["signed"], c.number, now, json.dumps(state)) for c, state in told]
    await (await driver(session)).executemany(outbox.APPEND_SQL, rows)


def _licence(office: Office) -> ImportRow:
    return ImportRow.model_validate(
        {
            "number": f"EXAMPLE-{office.code}",
            "office": office.code,
            "kind": office.kind,
            "valid_from": FROM,
            "valid_until": UNTIL,
            "paper_reference": REFERENCE,
        }
    )
