"""All SQL of the catalogue. It is public: there is nothing here that only some may see."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import TextClause, exists, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from services.offices.catalogue.errors import (
    PrincipalExists,
    PrincipalNotFound,
    RuleNotFound,
    ServiceExists,
    ServiceNotFound,
)
from services.offices.catalogue.models import (
    DelegatedService,
    KindRule,
    Offering,
    Principal,
    ServicePrice,
)
from services.offices.registry.models import Office
from shared.database import driver

# an office of a rule's kind on a day of the rule, with what it offers of the rule's set
_BELOW: Final = """
SELECT o.id AS office_id, o.code AS office, o.name AS office_name, o.kind, r.id AS rule,
       r.name AS rule_name, r.at_least, r.services, has.offered
FROM kind_rule r
JOIN office o ON o.kind = r.kind AND o.status <> 'closed'
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(f.service ORDER BY f.service), '{}') AS offered
    FROM offering f JOIN delegated_service s ON s.code = f.service
    WHERE f.office_id = o.id AND f.service = ANY (r.services)
      AND f.valid_from <= :day AND (f.valid_until IS NULL OR f.valid_until >= :day)
      AND s.valid_from <= :day AND (s.valid_until IS NULL OR s.valid_until >= :day)
) has
WHERE r.valid_from <= :day AND (r.valid_until IS NULL OR r.valid_until >= :day)
  AND cardinality(has.offered) < r.at_least
"""

_BREACHES: Final = text(f"""
SELECT * FROM ({_BELOW}) below
WHERE (office_id, rule) > (:office_id, :rule) ORDER BY office_id, rule LIMIT :limit
""")

_NEWLY_BROKEN: Final = text(f"""
WITH below AS ({_BELOW}), told AS (
    INSERT INTO rule_breach (rule_id, office_id, told_at)
    SELECT rule, office_id, :now FROM below
    WHERE NOT EXISTS (SELECT FROM rule_breach b WHERE b.rule_id = below.rule
        AND b.office_id = below.office_id AND b.mended_at IS NULL)
    ORDER BY rule, office_id LIMIT :limit
    ON CONFLICT DO NOTHING RETURNING rule_id, office_id
)
SELECT below.* FROM below JOIN told ON told.rule_id = rule AND told.office_id = below.office_id
ORDER BY below.office_id, rule
""")

_NEWLY_MENDED: Final = text(f"""
WITH below AS ({_BELOW}), mended AS (
    UPDATE rule_breach b SET mended_at = greatest(told_at, :now)
    WHERE (b.rule_id, b.office_id) IN (
        SELECT rule_id, office_id FROM rule_breach b
        WHERE b.mended_at IS NULL AND NOT EXISTS (
            SELECT FROM below WHERE rule = b.rule_id AND below.office_id = b.office_id)
        ORDER BY rule_id, office_id LIMIT :limit
    ) AND b.mended_at IS NULL
    RETURNING rule_id, office_id
)
SELECT o.code AS office, m.rule_id AS rule, r.name AS rule_name
FROM mended m JOIN office o ON o.id = m.office_id JOIN kind_rule r ON r.id = m.rule_id
ORDER BY m.office_id, m.rule_id
""")


@dataclass(frozen=True, slots=True)
class Filters:
    """Of a list of services; None leaves all in. `words` is folded for search."""

    principal: str | None = None
    delegated: bool | None = None
    electronic: bool | None = None
    at_counter: bool | None = None
    words: str | None = None
    valid_on: date | None = None


async def add_principal(session: AsyncSession, row: Mapping[str, Any]) -> Principal:
    statement = insert(Principal).values(row).on_conflict_do_nothing().returning(Principal)
    made = await session.scalar(statement)
    if made is None:
        raise PrincipalExists(f"slug: there is a principal {row['slug']} already")
    return made


async def principal(session: AsyncSession, slug: str, *, lock: bool = False) -> Principal:
    found = await session.get(Principal, slug, with_for_update=lock or None)
    if found is None:
        raise PrincipalNotFound(f"there is no principal {slug}")
    return found


async def principals(session: AsyncSession, after: str | None, limit: int) -> Sequence[Principal]:
    statement = select(Principal).order_by(Principal.slug).limit(limit)
    if after is not None:
        statement = statement.where(Principal.slug > after)
    return (await session.scalars(statement)).all()


async def add_service(session: AsyncSession, row: Mapping[str, Any], price: ServicePrice) -> None:
    statement = insert(DelegatedService).values(row).on_conflict_do_nothing()
    made = await session.scalar(statement.returning(DelegatedService.code))
    if made is None:
        raise ServiceExists(f"code: there is a service {row['code']} already")
    session.add(price)
    await session.flush()


async def service(session: AsyncSession, code: str, *, lock: bool = False) -> DelegatedService:
    """With its prices, in the order of their days."""
    statement = (
        select(DelegatedService)
        .where(DelegatedService.code == code)
        .options(selectinload(DelegatedService.prices))
        .execution_options(populate_existing=True)
    )
    found = await session.scalar(statement.with_for_update() if lock else statement)
    if found is None:
        raise ServiceNotFound(f"there is no service {code}")
    return found


async def services(
    session: AsyncSession, wanted: Filters, after: str | None, limit: int
) -> Sequence[DelegatedService]:
    row = DelegatedService
    statement = select(row).order_by(row.code).limit(limit).options(selectinload(row.prices))
    if after is not None:
        statement = statement.where(row.code > after)
    if wanted.principal is not None:
        statement = statement.where(row.principal == wanted.principal)
    for column, value in (
        (row.delegated, wanted.delegated),
        (row.electronic, wanted.electronic),
        (row.at_counter, wanted.at_counter),
    ):
        if value is not None:
            statement = statement.where(column.is_(value))
    if wanted.words is not None:
        statement = statement.where(row.search_text.contains(wanted.words, autoescape=True))
    if (day := wanted.valid_on) is not None:
        still = row.valid_until.is_(None) | (row.valid_until >= day)
        statement = statement.where(row.valid_from <= day, still)
    return (await session.scalars(statement)).all()


async def services_of(session: AsyncSession, principal: str) -> Sequence[DelegatedService]:
    """All of a principal's, locked in the order of their codes."""
    statement = select(DelegatedService).where(DelegatedService.principal == principal)
    return (
        await session.scalars(statement.order_by(DelegatedService.code).with_for_update())
    ).all()


async def unknown_services(session: AsyncSession, codes: Collection[str]) -> list[str]:
    """Those of these codes that the catalogue has not."""
    statement = select(DelegatedService.code).where(DelegatedService.code.in_(codes))
    return sorted(set(codes) - set(await session.scalars(statement)))


async def put_price(session: AsyncSession, code: str, row: Mapping[str, Any]) -> None:
    """Add a price, or replace that of the same day."""
    statement = insert(ServicePrice).values(service=code, **row)
    changed = {name: statement.excluded[name] for name in ("fee_rials", "office_share_rials")}
    await session.execute(
        statement.on_conflict_do_update(index_elements=["service", "valid_from"], set_=changed)
    )


async def rules_of_kind(session: AsyncSession, kind: str) -> Sequence[KindRule]:
    statement = select(KindRule).where(KindRule.kind == kind).order_by(KindRule.id)
    return (await session.scalars(statement)).all()


async def rules(
    session: AsyncSession, kind: str | None, after: UUID | None, limit: int
) -> Sequence[KindRule]:
    statement = select(KindRule).order_by(KindRule.id).limit(limit)
    if after is not None:
        statement = statement.where(KindRule.id > after)
    if kind is not None:
        statement = statement.where(KindRule.kind == kind)
    return (await session.scalars(statement)).all()


async def rule(session: AsyncSession, rule_id: UUID, *, lock: bool = False) -> KindRule:
    found = await session.get(KindRule, rule_id, with_for_update=lock or None)
    if found is None:
        raise RuleNotFound(f"there is no rule {rule_id}")
    return found


Rows = list[dict[str, Any]]


async def _mappings(
    session: AsyncSession, statement: TextClause, values: Mapping[str, Any]
) -> Rows:
    return [dict(row) for row in (await session.execute(statement, values)).mappings()]


async def breaches(session: AsyncSession, day: date, after: tuple[int, UUID], limit: int) -> Rows:
    """Offices below a rule on a day, by office number and rule."""
    values = {"day": day, "office_id": after[0], "rule": after[1], "limit": limit}
    return await _mappings(session, _BREACHES, values)


async def newly_broken(session: AsyncSession, day: date, now: datetime, limit: int) -> Rows:
    """Breaches not told yet, `limit` at most, marked as told."""
    values = {"day": day, "now": now, "limit": limit}
    return await _mappings(session, _NEWLY_BROKEN, values)


async def newly_mended(session: AsyncSession, day: date, now: datetime, limit: int) -> Rows:
    """Breaches told that are no more, `limit` at most, marked as mended."""
    values = {"day": day, "now": now, "limit": limit}
    return await _mappings(session, _NEWLY_MENDED, values)


ALL: Final = 10_000
"""More rows than a catalogue has of anything."""

_ADD_OFFERINGS: Final = """
WITH added AS (
    INSERT INTO offering (office_id, service, valid_from, version, created_at, updated_at)
    SELECT office_id, service, $3, 1, $4, $4 FROM unnest($1::integer[], $2::text[])
        AS planned (office_id, service)
    RETURNING id, office_id, service
)
SELECT added.id, office.code AS office, added.service
FROM added JOIN office ON office.id = added.office_id ORDER BY office.id, added.service
"""


@dataclass(frozen=True, slots=True)
class OfferingRow:
    """Of an offering just added: its id, the office's code, the service's."""

    id: UUID
    office: str
    service: str


@dataclass(frozen=True, slots=True)
class LoadedOffice:
    id: int
    source_key: str
    kind: str


async def add_missing_principals(
    session: AsyncSession, rows: Sequence[Mapping[str, Any]]
) -> Sequence[Principal]:
    statement = insert(Principal).on_conflict_do_nothing().returning(Principal)
    return (await session.scalars(statement, rows)).all()


async def add_missing_services(
    session: AsyncSession, made: Sequence[tuple[Mapping[str, Any], ServicePrice]]
) -> Sequence[DelegatedService]:
    """Those that were not there, with their first prices."""
    known = set(await session.scalars(select(DelegatedService.code)))
    missing = [(row, price) for row, price in made if price.service not in known]
    added = {price.service for _, price in missing}
    session.add_all([DelegatedService(**row) for row, _ in missing])
    await session.flush()
    session.add_all([price for _, price in missing])
    await session.flush()
    found = select(DelegatedService).where(DelegatedService.code.in_(added))
    ordered = found.order_by(DelegatedService.code)
    return (await session.scalars(ordered.options(selectinload(DelegatedService.prices)))).all()


async def add_missing_rule(session: AsyncSession, row: Mapping[str, Any]) -> Sequence[KindRule]:
    statement = insert(KindRule).values(row).on_conflict_do_nothing().returning(KindRule)
    return (await session.scalars(statement)).all()


async def loaded_offices_without_offerings(session: AsyncSession) -> list[LoadedOffice]:
    """Offices loaded from a source that have never been said to offer anything."""
    statement = select(Office.id, Office.source_key, Office.kind).where(
        Office.source_key.is_not(None), ~exists().where(Offering.office_id == Office.id)
    )
    rows = await session.execute(statement.order_by(Office.id))
    return [LoadedOffice(number, key or "", kind) for number, key, kind in rows]


async def add_offerings(
    session: AsyncSession, pairs: Sequence[tuple[int, str]], since: date, now: datetime
) -> list[OfferingRow]:
    """Offices (by number) offer services from a day on; by office and service."""
    numbers, codes = [number for number, _ in pairs], [code for _, code in pairs]
    rows = await (await driver(session)).fetch(_ADD_OFFERINGS, numbers, codes, since, now)
    return [OfferingRow(**row) for row in rows]
