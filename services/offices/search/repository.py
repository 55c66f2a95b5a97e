"""SQL of searching: one statement on asyncpg, a row an office. Offices are public.

A statement is put together from these constants, as a request's filters ask, and planned once a
connection; what clients write is always a parameter. Limit, status and kind are not: a plan made
for any of these would sort all offices to read ten.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, get_args

import asyncpg
from sqlalchemy import DateTime

from services.offices.registry.domain import Kind, Status
from services.offices.registry.models import Office
from services.offices.registry.schemas import OfficeOut
from services.offices.search.domain import Sort
from shared.database import Database
from shared.openings import DAY, HORIZON_DAYS

RANKED_MAX: Final = 1_000
LOOK_ALIKES_MAX: Final = 4


def _said(name: str) -> str:
    """A field of OfficeOut in SQL; JSON columns hold what their models dump."""
    if name in {"county", "province"}:
        return f"t.{name}"
    if name == "owner":
        owner = "json_build_object('kind', o.owner_kind, 'name', o.owner_name)"
        return f"CASE WHEN o.owner_kind IS NOT NULL THEN {owner} END"
    if not isinstance(Office.__table__.columns[name].type, DateTime):
        return f"o.{name}"
    stamp = f"""to_char(o.{name} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
    return f"replace({stamp}, '.000000Z', 'Z')"  # as pydantic writes it


OFFICE: Final = ", ".join(f"'{name}', {_said(name)}" for name in OfficeOut.model_fields)
"""An office as it is answered. PostgreSQL writes the JSON: a process of ours takes twice as long to
read twenty columns and write them again, and is what there are fewest of.
"""
_STATUS: Final = {status: status for status in get_args(Status)}
_KIND: Final = {kind: kind for kind in get_args(Kind)}
_POINT: Final = "earth_point(o.latitude, o.longitude)"

_LOOK_ALIKES_SQL: Final = f"""
SELECT wanted.word, alike.word AS alike
FROM unnest($1::text[]) AS wanted (word) CROSS JOIN LATERAL (
    SELECT w.word FROM search_word w WHERE w.word % wanted.word AND w.word <> wanted.word
    ORDER BY w.word <-> wanted.word, w.word LIMIT {LOOK_ALIKES_MAX}
) alike
"""


@dataclass(frozen=True, slots=True)
class Moment:
    """What a clock on the wall in Tehran says, and whether the library calls it a holiday."""

    day: date
    weekday: str
    clock: str
    holiday: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for; None leaves all in. `here`: latitude and longitude to measure from."""

    status: Status
    kind: Kind | None = None
    but_kind: Kind | None = None
    county: str | None = None
    town: str | None = None
    service: str | None = None
    open_now: bool = False
    here: tuple[float, float] | None = None
    chord_max: float | None = None
    words: Sequence[str] = ()
    patterns: Sequence[str] = ()
    alike: bool = False


@dataclass(slots=True)
class _Sql:
    """A statement's parameters as it grows."""

    wanted: Wanted
    moment: Moment
    parameters: list[Any] = field(default_factory=list)

    def value(self, value: Any) -> str:
        self.parameters.append(value)
        return f"${len(self.parameters)}"

    def here(self) -> str:
        assert self.wanted.here is not None  # noqa: S101 - asked for only where it is given
        latitude, longitude = self.wanted.here
        return f"earth_point({self.value(latitude)}, {self.value(longitude)})"

    def chord(self) -> str:
        return "NULL::float8" if self.wanted.here is None else f"{_POINT} <-> {self.here()}"

    def conditions(self) -> str:
        wanted = self.wanted
        found = [f"o.status = '{_STATUS[wanted.status]}'"]
        if wanted.kind is not None:
            found.append(f"o.kind = '{_KIND[wanted.kind]}'")
        if wanted.but_kind is not None:
            found.append(f"o.kind <> '{_KIND[wanted.but_kind]}'")
        if wanted.town is not None:
            found.append(f"o.town = {self.value(wanted.town)}")
        if wanted.county is not None:
            county = self.value(wanted.county)
            found.append(f"o.town IN (SELECT t.slug FROM town t WHERE t.county = {county})")
        if wanted.chord_max is not None:
            found.append(self.within(wanted.chord_max))
        found += [self.has("o.search_text", pattern) for pattern in wanted.patterns]
        if wanted.service is not None:
            found.append(self.offered(wanted.service))
        if wanted.open_now:
            found.append(self.open_now())
        return " AND ".join(found)

    def has(self, text: str, pattern: str) -> str:
        return f"{text} {'~' if self.wanted.alike else 'LIKE'} {self.value(pattern)}"

    def within(self, chord_max: float) -> str:
        """The box around the sphere's cap is what the index knows; the cap itself decides."""
        radius = self.value(chord_max)
        box = f"{_POINT} <@ cube_enlarge({self.here()}, {radius}, 3)"
        return f"{box} AND {_POINT} <-> {self.here()} <= {radius}"

    def offered(self, service: str) -> str:
        day = self.value(self.moment.day)
        return (
            "EXISTS (SELECT FROM offering f JOIN delegated_service s ON s.code = f.service"
            f" WHERE f.office_id = o.id AND f.service = {self.value(service)}"
            f" AND f.valid_from <= {day} AND (f.valid_until IS NULL OR f.valid_until >= {day})"
            f" AND s.valid_from <= {day} AND (s.valid_until IS NULL OR s.valid_until >= {day}))"
        )

    def open_now(self) -> str:
        """calendar.service.openings in SQL: the day's exception, else no holiday and the week's."""
        day, clock = self.value(self.moment.day), self.value(self.moment.clock)
        meets = f"{clock} >= split_part(i, '-', 1) AND {clock} < split_part(i, '-', 2)"
        week = f"jsonb_array_elements_text(o.hours -> {self.value(self.moment.weekday)}::text)"
        return (
            "o.status = 'active' AND"
            f" coalesce((SELECT EXISTS (SELECT FROM unnest(e.intervals) i WHERE {meets})"
            f" FROM office_exception e WHERE e.office_id = o.id AND e.day = {day}),"
            f" NOT coalesce((SELECT h.holiday FROM holiday_override h WHERE h.day = {day}),"
            f" {self.value(self.moment.holiday)}) AND EXISTS (SELECT FROM {week} i WHERE {meets}))"
        )

    def answered(self, found: str, order: str) -> str:
        """The whole statement: what was found (`o`), with all that an answer says of it."""
        first = self.value(self.moment.day)
        last = self.value(self.moment.day + HORIZON_DAYS * DAY)
        return (
            f"SELECT json_build_object({OFFICE}) AS office,"
            " o.id, o.chord, o.rank, o.status, o.hours,"
            " (SELECT jsonb_object_agg(e.day, e.intervals) FROM office_exception e"
            f" WHERE e.office_id = o.id AND e.day BETWEEN {first} AND {last}) AS exceptions,"
            " (SELECT jsonb_object_agg(h.day, h.holiday) FROM holiday_override h"
            f" WHERE h.day BETWEEN {first} AND {last}) AS overrides"
            f" FROM ({found}) o JOIN town t ON t.slug = o.town ORDER BY {order}"
        )


Statement = tuple[str, list[Any]]


def nearest_statement(
    wanted: Wanted, moment: Moment, *, limit: int, after: tuple[float, int] | None = None
) -> Statement:
    """The nearest first, read off the GiST index.

    A chord grows with the great circle's arc, so its order is the order of distance everywhere.
    """
    sql = _Sql(wanted, moment)
    chord = sql.chord()
    where = sql.conditions()
    if after is not None:
        where += f" AND ({chord}, o.id) > ({sql.value(after[0])}, {sql.value(after[1])})"
    found = (
        f"SELECT o.*, {chord} AS chord, NULL AS rank FROM office o WHERE {where}"
        f" ORDER BY {chord}, o.id LIMIT {limit:d}"
    )
    return sql.answered(found, "o.chord, o.id"), sql.parameters


def number_statement(
    wanted: Wanted, moment: Moment, *, limit: int, after: tuple[int] | None = None
) -> Statement:
    """In the order of codes."""
    sql = _Sql(wanted, moment)
    where = sql.conditions()
    if after is not None:
        where += f" AND o.id > {sql.value(after[0])}"
    found = (
        f"SELECT o.*, {sql.chord()} AS chord, NULL AS rank FROM office o WHERE {where}"
        f" ORDER BY o.id LIMIT {limit:d}"
    )
    return sql.answered(found, "o.id"), sql.parameters


def name_statement(
    wanted: Wanted, moment: Moment, *, limit: int, after: tuple[str, int] | None = None
) -> Statement:
    """In the order of the Persian alphabet."""
    sql = _Sql(wanted, moment)
    where, key = sql.conditions(), 'fa_key(o.name) COLLATE "C"'
    if after is not None:
        where += f" AND ({key}, o.id) > ({sql.value(after[0])}, {sql.value(after[1])})"
    found = (
        f"SELECT o.*, {sql.chord()} AS chord, {key} AS rank FROM office o WHERE {where}"
        f" ORDER BY {key}, o.id LIMIT {limit:d}"
    )
    return sql.answered(found, "o.rank, o.id"), sql.parameters


def ranked_statement(
    wanted: Wanted, moment: Moment, *, limit: int, after: tuple[float, int] | None = None
) -> Statement:
    """The best first: all words in the name, then by how much the phrase is like the text.

    Where more than a thousand match, the first thousand by number are ranked: comparing is dear.
    """
    sql = _Sql(wanted, moment)
    matched = (
        f"SELECT o.id, o.search_text FROM office o WHERE {sql.conditions()}"
        f" ORDER BY o.id LIMIT {RANKED_MAX}"
    )
    phrase = sql.value(" ".join(wanted.words))
    name = "split_part(m.search_text, E'\\n', 1)"
    in_name = " AND ".join(sql.has(name, pattern) for pattern in wanted.patterns)
    score = f"word_similarity({phrase}, m.search_text)::float8 + ({in_name})::int"
    keyset = ""
    if after is not None:
        key, number = sql.value(after[0]), sql.value(after[1])
        keyset = f"WHERE s.rank < {key} OR (s.rank = {key} AND s.id > {number})"
    best = (
        f"SELECT s.id, s.rank FROM (SELECT m.id, {score} AS rank FROM matched m) s {keyset}"
        f" ORDER BY s.rank DESC, s.id LIMIT {limit:d}"
    )
    found = f"SELECT o.*, {sql.chord()} AS chord, b.rank FROM best b JOIN office o ON o.id = b.id"
    answered = sql.answered(found, "o.rank DESC, o.id")
    text = f"WITH matched AS MATERIALIZED ({matched}), best AS MATERIALIZED ({best}) {answered}"
    return text, sql.parameters


STATEMENTS: Final[Mapping[Sort, Any]] = {
    "relevance": ranked_statement,
    "name": name_statement,
    "code": number_statement,
    "distance": nearest_statement,
}


async def run(database: Database, statement: Statement) -> list[asyncpg.Record]:
    text, parameters = statement
    rows: list[asyncpg.Record] = await database.hot.fetch(text, *parameters)
    return rows


async def look_alikes(database: Database, words: Sequence[str]) -> dict[str, list[str]]:
    """Words of the registry that look like these, the likest first."""
    found: dict[str, list[str]] = {}
    for row in await database.hot.fetch(_LOOK_ALIKES_SQL, words):
        found.setdefault(row["word"], []).append(row["alike"])
    return found
