"""Use cases of exchange: a file of offices in, row by row, and out again.

All rows are judged before any is written: what a dry run says is what would be done.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, TypeVar
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.offices.events import OfficeEventType
from services.offices.exchange import domain, repository
from services.offices.exchange.domain import Format, Result, Row
from services.offices.exchange.errors import KeyTaken, NoKey, NotByImport, TwiceInFile
from services.offices.exchange.repository import Keys
from services.offices.exchange.schemas import RowKeys
from services.offices.history import service as history
from services.offices.registry import domain as registry_rules
from services.offices.registry import repository as registry_rows
from services.offices.registry import service as registry
from services.offices.registry.errors import OfficeNotFound, UnknownTown
from services.offices.registry.models import Office, Town
from services.offices.registry.repository import Filters
from services.offices.registry.schemas import NewOffice, OfficeChange, Owner
from shared.calendar import tehran_date
from shared.database import Database
from shared.errors import Invalid, Problem, field_errors

T = TypeVar("T")

BREATHER_ROWS: Final = 100
"""Rows judged between two looks at what else waits in this process."""
EXPORT_ROWS: Final = 500
KEYS: Final = frozenset({"code", "external_key", "status", "founded_on"})


@dataclass(slots=True)
class _Entry:
    """A row on its way: what it names, what it asks for, and what becomes of it."""

    row: Row
    keys: RowKeys = field(default_factory=RowKeys)
    code: str | None = None
    new: NewOffice | None = None
    changes: dict[str, Any] = field(default_factory=dict)
    owner: Owner | None = None
    problem: Problem | None = None

    @property
    def result(self) -> Result:
        if self.problem is not None:
            return "refused"
        if self.new is not None:
            return "created"
        return "changed" if self.changes or self.owner else "unchanged"


@dataclass(slots=True)
class _Known:
    """What rows are judged by. `offices`: those named, centres too, locked."""

    today: date
    keys: Keys
    towns: Mapping[str, Town]
    offices: Mapping[str, Office]
    people: Mapping[UUID, str]
    seen: set[tuple[str, str]] = field(default_factory=set)


async def take_in(
    session: AsyncSession, what: Format, raw: bytes, *, prefix: str, dry_run: bool, now: datetime
) -> dict[str, Any]:
    """What becomes of each row (schemas.ImportOut)."""
    await registry_rows.lock_seeding(session)
    entries = [_entry(row) async for row in _breathing(domain.read(what, raw))]
    known = await _known(session, entries, now)
    async for entry in _breathing([entry for entry in entries if entry.problem is None]):
        try:
            _judge(entry, known)
            await _check_kind(session, entry, known, now)
        except Problem as problem:
            entry.problem = problem
    if not dry_run:
        await _write(session, entries, known, prefix=prefix, now=now)
    return _answer(entries, dry_run=dry_run)


async def _breathing(items: Any) -> AsyncIterator[Any]:
    for count, item in enumerate(items):
        if count % BREATHER_ROWS == 0:
            await asyncio.sleep(0)
        yield item


def _entry(row: Row) -> _Entry:
    if row.fault is not None:
        return _Entry(row, problem=Invalid(row.fault))
    try:
        return _Entry(row, RowKeys.model_validate(row.values))
    except ValidationError as error:
        return _Entry(row, problem=_invalid(error))


def _invalid(error: ValidationError) -> Invalid:
    errors = field_errors(error.errors(include_url=False, include_input=False))
    return Invalid("; ".join(f"{e['field']}: {e['message']}" for e in errors), errors=errors)


async def _known(session: AsyncSession, entries: Sequence[_Entry], now: datetime) -> _Known:
    keys = await repository.keys(
        session,
        _named_in(entry.keys.code for entry in entries),
        _named_in(entry.keys.external_key for entry in entries),
    )
    towns = {town.slug: town for town in await registry_rows.towns(session)}
    centres = _named_in(entry.keys.sorting_centre for entry in entries)
    offices = await registry_rows.lock(session, keys.codes | centres)
    holders = _named_in(office.owner_person for office in offices.values())
    people = await repository.person_names(session, holders)
    return _Known(tehran_date(now), keys, towns, offices, people)


def _named_in(found: Iterable[T | None]) -> set[T]:
    return {value for value in found if value is not None}


def _judge(entry: _Entry, known: _Known) -> None:
    """Fill in what a row asks for, or raise why it is refused."""
    entry.code = _named(entry.keys, known)
    try:
        if entry.code is None:
            _judge_new(entry, known)
        else:
            _judge_change(entry, known.offices[entry.code], known)
    except ValidationError as error:
        raise _invalid(error) from None


def _named(keys: RowKeys, known: _Known) -> str | None:
    """The code of the office that a row is about, None of a new one."""
    code, external = keys.code, keys.external_key
    owner = known.keys.by_external.get(external) if external else None
    if code is None and external is None:
        raise NoKey("give the office's code, or of a new office an external_key of your own")
    if code is not None and code not in known.keys.codes:
        raise OfficeNotFound(
            f"there is no office {code}: leave the code of a new office empty, it is issued by us"
        )
    if code is not None and owner not in {None, code}:
        raise KeyTaken(f"the external_key is that of {owner}")
    names = {("code", code or owner or ""), ("external_key", external or "")}
    names = {(kind, name) for kind, name in names if name}
    if known.seen & names:
        raise TwiceInFile("a row before this one is about the same office")
    known.seen |= names
    return code or owner


def _judge_new(entry: _Entry, known: _Known) -> None:
    given = {name: value for name, value in entry.row.values.items() if value is not None}
    wanted = NewOffice.model_validate(
        {name: given[name] for name in given.keys() - KEYS | (given.keys() & {"founded_on"})}
    )
    if wanted.past_kinds:
        raise NotByImport("past_kinds: create an office that has a past by POST /v1/offices")
    if entry.keys.status not in {None, "active"}:
        raise NotByImport("status: a new office is active; suspend or close it after")
    registry_rules.past_kinds(wanted.kind, wanted.founded_on, [], known.today)
    _check_place(wanted.town, known)
    _check_centre(wanted.kind, wanted.sorting_centre, known)
    entry.new = wanted


def _judge_change(entry: _Entry, office: Office, known: _Known) -> None:
    for name in ("status", "founded_on"):
        said = getattr(entry.keys, name)
        if said is not None and said != getattr(office, name):
            raise NotByImport(f"{name}: an import leaves it as it is; it has its own operation")
    wanted = OfficeChange.model_validate(_given(entry.row.values, office))
    changes = {n: v for n, v in wanted.changes().items() if v != getattr(office, n)}
    if "kind" in changes:
        registry_rules.check_current(changes["kind"])
        if "sorting_centre" in {office.kind, changes["kind"]}:
            raise NotByImport("kind: make or unmake a sorting centre one at a time")
    if "town" in changes:
        _check_place(changes["town"], known)
    _check_centre(changes.get("kind", office.kind), changes.get("sorting_centre"), known)
    if entry.keys.external_key not in {None, office.source_key}:
        changes["source_key"] = entry.keys.external_key
    entry.changes, entry.owner = changes, _other_owner(office, wanted, known)


async def _check_kind(session: AsyncSession, entry: _Entry, known: _Known, now: datetime) -> None:
    if entry.code is not None and "kind" in entry.changes:
        office = known.offices[entry.code]
        await history.check_kind(session, office, entry.changes["kind"], now)


def _given(values: Mapping[str, Any], office: Office) -> dict[str, Any]:
    """What a row says of an office, without what an export could not tell."""
    given = {name: value for name, value in values.items() if name not in KEYS}
    if "capabilities" in given and given["capabilities"] is None:
        given["capabilities"] = []
    owner = given.get("owner")
    untold = isinstance(owner, dict) and owner.get("name") is None
    if owner is None or (untold and owner.get("kind") == office.owner_kind == "person"):
        given.pop("owner", None)
    return given


def _other_owner(office: Office, wanted: OfficeChange, known: _Known) -> Owner | None:
    """The holder that a row names, if it is not the one on record."""
    person = office.owner_person
    name = known.people.get(person) if person else office.owner_name
    owner = wanted.owner if "owner" in wanted.model_fields_set else None
    return None if owner is None or (owner.kind, owner.name) == (office.owner_kind, name) else owner


def _check_place(town: str, known: _Known) -> None:
    if town not in known.towns:
        raise UnknownTown(f"there is no town {town}; see /v1/towns")


def _check_centre(kind: registry_rules.Kind, code: str | None, known: _Known) -> None:
    if code is not None:
        centre = registry.centre_of(known.offices, code)
        registry_rules.check_sorting(kind, centre.kind)


async def _write(
    session: AsyncSession,
    entries: Sequence[_Entry],
    known: _Known,
    *,
    prefix: str,
    now: datetime,
) -> None:
    """Every office that is new or changed, and its event; a few round trips for all."""
    created = [(entry, entry.new) for entry in entries if entry.new and not entry.problem]
    numbers = await registry_rows.next_numbers(session, len(created)) if created else []
    told: dict[str, tuple[OfficeEventType, Office]] = {}
    for (entry, new), number in zip(created, numbers, strict=True):
        entry.code = registry_rules.office_code(prefix, number)
        office = registry.founded(new, entry.code, number, known.towns[new.town], now)
        office.source_key = entry.keys.external_key
        session.add(office)
        told[entry.code] = ("office.created", office)
    await session.flush()
    for entry, new in created:
        if new.owner is not None and entry.code is not None:
            registry.hold(session, told[entry.code][1], new.owner)
    founded = [office for _, office in told.values()]
    words = registry_rules.vocabulary(office.search_text for office in founded)
    await registry_rows.keep_words(session, words)
    changed = [entry for entry in entries if entry.result == "changed"]
    replaced = [known.offices[entry.code or ""].owner_person for entry in changed if entry.owner]
    offices = [_change(session, entry, known) for entry in changed]
    await registry.next_version(session, offices, now)  # first: a flush hides whose kind changed
    for person in _named_in(replaced):
        await registry_rows.forget_person(session, person)
    told |= {office.code: ("office.changed", office) for office in offices}
    if told:
        ordered = [told[entry.code] for entry in entries if entry.code in told]
        await registry.tell_all(session, ordered, now)


def _change(session: AsyncSession, entry: _Entry, known: _Known) -> Office:
    office = known.offices[entry.code or ""]
    for name, value in entry.changes.items():
        setattr(office, name, value)
    if "town" in entry.changes:
        office.place = known.towns[office.town]
    if entry.owner is not None:
        registry.hold(session, office, entry.owner)
    return office


def _answer(entries: Sequence[_Entry], *, dry_run: bool) -> dict[str, Any]:
    counts: dict[str, int] = {"created": 0, "changed": 0, "unchanged": 0, "refused": 0}
    for entry in entries:
        counts[entry.result] += 1
    results = [
        {
            "row": entry.row.number,
            "code": entry.code or entry.keys.code,
            "result": entry.result,
            "problem": entry.problem and {"errors": None, **entry.problem.as_dict()},
        }
        for entry in entries
    ]
    return {"dry_run": dry_run, "rows": len(entries), **counts, "results": results}


async def hand_out(database: Database, what: Format, wanted: Filters) -> AsyncIterator[str]:
    """The offices by code, a batch a transaction; the first is read before anything is sent."""
    batches = _batches(database, wanted)
    first = await anext(batches)
    return _written(what, first, batches)


async def _written(
    what: Format, first: Sequence[Office], batches: AsyncIterator[Sequence[Office]]
) -> AsyncIterator[str]:
    if what == "csv":
        yield "\ufeff" + domain.write_header()  # without the mark, spreadsheets take it for ANSI
    batch: Sequence[Office] | None = first
    while batch is not None:
        rows = [_told(office) for office in batch]
        if what == "csv":
            yield domain.write_csv(rows)
        else:
            yield "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        batch = await anext(batches, None)


async def _batches(database: Database, wanted: Filters) -> AsyncIterator[Sequence[Office]]:
    after, full = 0, True
    while full:
        async with database.transaction() as session:
            batch = await registry_rows.listing(
                session, wanted, "code", after=[after], limit=EXPORT_ROWS
            )
        yield batch
        full = len(batch) == EXPORT_ROWS
        after = batch[-1].id if batch else 0


def _told(office: Office) -> dict[str, Any]:
    """A row, in the shape of the API; the name of a holder who is a person stays here."""
    held = office.owner_kind
    owner = {"owner": {"kind": held, "name": office.owner_name} if held else None}
    founded_on = office.founded_on.isoformat() if office.founded_on else None
    told = {name: getattr(office, name) for name in domain.PLAIN if name != "external_key"}
    more = {"capabilities": office.capabilities, "hours": office.hours}
    keys = {"external_key": office.source_key, "founded_on": founded_on}
    return told | keys | more | owner
