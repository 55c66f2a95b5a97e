"""All SQL of contracts. Only staff reach them: there is nothing here that only some may see."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import Select, exists, func, or_, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from services.offices.contracts.domain import NOTICE_DAYS, Status
from services.offices.contracts.errors import ContractNotFound
from services.offices.contracts.models import (
    CONTRACT_NUMBER,
    Contract,
    ContractParty,
    ContractVersion,
)
from services.offices.licensing.models import Licence
from services.offices.registry.models import Office, Town

Sort = Literal["number", "valid_until"]


@dataclass(frozen=True, slots=True)
class Filters:
    """Of a list; None leaves all in. `expiring_before`: active, ends from `today` to before it."""

    today: date
    office: str | None = None
    kind: str | None = None
    county: str | None = None
    status: Status | None = None
    expiring_before: date | None = None


async def next_numbers(session: AsyncSession, count: int) -> list[int]:
    """Fresh contract numbers, ascending."""
    series = func.generate_series(1, count).table_valued("n")
    return list(await session.scalars(select(CONTRACT_NUMBER.next_value()).select_from(series)))


async def get(session: AsyncSession, number: str) -> Contract:
    return _existing(await session.scalar(_numbered(number)), number)


async def lock(session: AsyncSession, number: str) -> Contract:
    """For whoever has locked its office, whose lock comes first."""
    return _existing(await session.scalar(_numbered(number).with_for_update()), number)


def _numbered(number: str) -> Select[Contract]:
    office = selectinload(Contract.site).selectinload(Office.place)
    return select(Contract).where(Contract.number == number).options(office)


def _existing(contract: Contract | None, number: str) -> Contract:
    if contract is None:
        raise ContractNotFound(f"there is no contract {number}")
    return contract


async def office_of(session: AsyncSession, number: str) -> str:
    """The code of the office that a contract is with; that never changes."""
    statement = select(Office.code).join(Contract.site).where(Contract.number == number)
    code = await session.scalar(statement)
    if code is None:
        raise ContractNotFound(f"there is no contract {number}")
    return code


async def clashing(
    session: AsyncSession, office_id: int, first: date, last: date, but: UUID | None
) -> Contract | None:
    """Another contract of the office that holds on one of these days."""
    statement = (
        select(Contract)
        .where(
            Contract.office_id == office_id,
            Contract.valid_from <= last,
            Contract.valid_until >= first,
            or_(
                Contract.terminated_on.is_(None),
                Contract.terminated_on > func.greatest(Contract.valid_from, first),
            ),
        )
        .order_by(Contract.valid_from)
        .limit(1)
    )
    if but is not None:
        statement = statement.where(Contract.id != but)
    return await session.scalar(statement)


async def listing(
    session: AsyncSession, wanted: Filters, sort: Sort, after: Sequence[Any] | None, limit: int
) -> Sequence[Contract]:
    key = (Contract.number,) if sort == "number" else (Contract.valid_until, Contract.number)
    statement = select(Contract).join(Contract.site).order_by(*key).limit(limit)
    if after is not None:
        statement = statement.where(tuple_(*key) > tuple_(*after))
    if wanted.office is not None:
        statement = statement.where(Office.code == wanted.office)
    if wanted.kind is not None:
        statement = statement.where(Office.kind == wanted.kind)
    if wanted.county is not None:
        statement = statement.join(Office.place).where(Town.county == wanted.county)
    if wanted.status is not None:
        statement = statement.where(Contract.status == wanted.status)
    if wanted.expiring_before is not None:
        statement = statement.where(
            Contract.status == "active",
            Contract.valid_until >= wanted.today,
            Contract.valid_until < wanted.expiring_before,
        )
    return (await session.scalars(statement.options(selectinload(Contract.site)))).all()


async def versions(
    session: AsyncSession, contract_id: UUID, after: int, limit: int
) -> Sequence[ContractVersion]:
    statement = (
        select(ContractVersion)
        .where(ContractVersion.contract_id == contract_id, ContractVersion.version > after)
        .order_by(ContractVersion.version)
        .limit(limit)
    )
    return (await session.scalars(statement)).all()


async def party(session: AsyncSession, contract_id: UUID) -> ContractParty | None:
    return await session.get(ContractParty, contract_id)


async def set_party(session: AsyncSession, contract_id: UUID, fields: Mapping[str, Any]) -> None:
    statement = insert(ContractParty).values(contract_id=contract_id, **fields)
    await session.execute(
        statement.on_conflict_do_update(index_elements=["contract_id"], set_=fields)
    )


async def copy_party(session: AsyncSession, source: UUID, target: UUID) -> None:
    await session.execute(
        text(
            "INSERT INTO contract_party (contract_id, name, national_id, legal_id, phone)"
            " SELECT :target, name, national_id, legal_id, phone FROM contract_party"
            " WHERE contract_id = :source"
        ),
        {"source": source, "target": target},
    )


async def to_terminate(session: AsyncSession, today: date, limit: int) -> list[str]:
    """Numbers of active contracts whose termination has come."""
    statement = (
        select(Contract.number)
        .where(Contract.status == "active", Contract.terminated_on <= today)
        .order_by(Contract.terminated_on, Contract.number)
        .limit(limit)
    )
    return list(await session.scalars(statement))


# A notice is due where none of its days or of fewer was told of this end; so of several that were
# missed only the last is told. What goes on by another paper does not expire.
_EXPIRING: Final = """
SELECT p.id, band.days, p.valid_until - CAST(:today AS date) AS days_left
FROM {paper} p
CROSS JOIN LATERAL (SELECT min(n) AS days FROM unnest(CAST(:notices AS int[])) n
                    WHERE n >= p.valid_until - CAST(:today AS date)) band
WHERE p.status = 'active' AND {more}
  AND p.valid_until BETWEEN CAST(:today AS date) AND CAST(:today AS date) + CAST(:ahead AS int)
  AND NOT EXISTS (SELECT FROM {paper} n WHERE n.office_id = p.office_id AND n.status = 'active'
                  AND n.id <> p.id AND n.valid_from <= p.valid_until + 1 AND {same}
                  AND (n.valid_until IS NULL OR n.valid_until > p.valid_until))
  AND NOT EXISTS (SELECT FROM expiry_notice t WHERE t.paper = '{paper}' AND t.paper_id = p.id
                  AND t.valid_until = p.valid_until AND t.days <= band.days)
ORDER BY p.valid_until, p.number LIMIT :limit FOR UPDATE OF p SKIP LOCKED
"""
_EXPIRING_OF: Final = {
    "licence": text(_EXPIRING.format(paper="licence", more="true", same="n.kind = p.kind")),
    "contract": text(
        _EXPIRING.format(paper="contract", more="p.terminated_on IS NULL", same="true")
    ),
}


@dataclass(frozen=True, slots=True)
class Due:
    """A notice to be told: `days` is which, `days_left` how many there are."""

    days: int
    days_left: int


async def expiring(
    session: AsyncSession, paper: Literal["licence", "contract"], today: date, limit: int
) -> dict[UUID, Due]:
    """Papers of which a notice is due, the first to end first, locked."""
    asked = {
        "today": today,
        "limit": limit,
        "notices": list(NOTICE_DAYS),
        "ahead": max(NOTICE_DAYS),
    }
    rows = await session.execute(_EXPIRING_OF[paper], asked)
    return {row.id: Due(row.days, row.days_left) for row in rows}


async def contracts(session: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, Contract]:
    statement = select(Contract).where(Contract.id.in_(list(ids)))
    found = await session.scalars(statement.options(selectinload(Contract.site)))
    return {contract.id: contract for contract in found}


async def licences(session: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, Licence]:
    statement = select(Licence).where(Licence.id.in_(list(ids)))
    found = await session.scalars(statement.options(selectinload(Licence.site)))
    return {licence.id: licence for licence in found}


async def unpapered(session: AsyncSession, kinds: Iterable[str]) -> Sequence[Office]:
    """Seeded offices of these kinds that never had a contract, locked."""
    statement = (
        select(Office)
        .where(
            Office.source_key.is_not(None),
            Office.kind.in_(list(kinds)),
            ~exists().where(Contract.office_id == Office.id),
        )
        .order_by(Office.id)
        .with_for_update()
        .options(selectinload(Office.place))
    )
    return (await session.scalars(statement)).all()
