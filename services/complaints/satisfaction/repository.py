"""SQL of the roll-ups and of the reports that read them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.events import OfficePayload
from services.complaints.satisfaction.domain import SMALL_BELOW, UNCODED, By, Counts
from shared.calendar import Period


class Cell(NamedTuple):
    """Where an invitation counts; `office` and `product` are empty where unknown."""

    month: date
    kind: str
    office: str
    product: str


# sorted by the key: two that add at once lock rows in one order
_ADD: Final = text("""
INSERT INTO satisfaction_month AS m (month, kind, office, product, occasions, invited,
    score_1, score_2, score_3, score_4, score_5)
SELECT * FROM unnest(CAST(:months AS date[]), CAST(:kinds AS text[]), CAST(:offices AS text[]),
    CAST(:products AS text[]), CAST(:occasions AS bigint[]), CAST(:invited AS bigint[]),
    CAST(:s1 AS bigint[]), CAST(:s2 AS bigint[]), CAST(:s3 AS bigint[]), CAST(:s4 AS bigint[]),
    CAST(:s5 AS bigint[]))
ON CONFLICT (month, kind, office, product) DO UPDATE SET
    occasions = m.occasions + excluded.occasions, invited = m.invited + excluded.invited,
    score_1 = m.score_1 + excluded.score_1, score_2 = m.score_2 + excluded.score_2,
    score_3 = m.score_3 + excluded.score_3, score_4 = m.score_4 + excluded.score_4,
    score_5 = m.score_5 + excluded.score_5
""")
_ADD_REASONS: Final = text("""
INSERT INTO satisfaction_reason AS r (month, kind, office, product, category, answers)
SELECT :month, :kind, :office, :product, told.category, told.answers
FROM unnest(CAST(:categories AS text[]), CAST(:answers AS bigint[])) AS told (category, answers)
ORDER BY told.category
ON CONFLICT (month, kind, office, product, category)
    DO UPDATE SET answers = r.answers + excluded.answers
""")
_UPSERT_OFFICES: Final = text("""
INSERT INTO satisfaction_office AS o (code, name, county, version)
SELECT * FROM unnest(CAST(:codes AS text[]), CAST(:names AS text[]), CAST(:counties AS text[]),
    CAST(:versions AS bigint[]))
ON CONFLICT (code) DO UPDATE SET name = excluded.name, county = excluded.county,
    version = excluded.version
WHERE o.version < excluded.version
""")
_KEY: Final[Mapping[By, str]] = {
    "office": "m.office",
    "county": "coalesce(o.county, '')",
    "product": "m.product",
}
_MEASURES: Final = (
    *("occasions", "invited"),
    *(f"score_{score}" for score in range(1, 6)),
)
_SUMS: Final = ", ".join(
    f"coalesce(sum(m.{name}) FILTER (WHERE m.month >= :{p}start AND m.month < :{p}end), 0)::bigint"
    f" AS {p}{name}"
    for p in ("", "before_")
    for name in _MEASURES
)
_WHERE: Final = """
WHERE (m.month >= :start AND m.month < :end OR m.month >= :before_start AND m.month < :before_end)
    AND (CAST(:kind AS text) IS NULL OR m.kind = :kind)
    AND (CAST(:office AS text) IS NULL OR m.office = :office)
    AND (CAST(:county AS text) IS NULL OR o.county = :county)
    AND (CAST(:product AS text) IS NULL OR m.product = :product)
"""
_FROM: Final = "LEFT JOIN satisfaction_office o ON o.code = m.office"
_TOTAL: Final = f"SELECT {_SUMS} FROM satisfaction_month m {_FROM} {_WHERE}"
_ROWS: Final = f"""
WITH summed AS (
    SELECT {{key}} AS key, {{name}} AS name, {_SUMS}
    FROM satisfaction_month m {_FROM} {_WHERE}
    GROUP BY 1
), counted AS (
    SELECT *, score_4 + score_5 AS satisfied,
        score_1 + score_2 + score_3 + score_4 + score_5 AS answered
    FROM summed
), ranked AS (
    SELECT *, CASE WHEN answered >= {SMALL_BELOW} THEN rank() OVER (
        PARTITION BY answered >= {SMALL_BELOW}
        ORDER BY CASE WHEN answered > 0 THEN satisfied / answered::numeric END DESC NULLS LAST
    ) END AS place
    FROM counted
)
SELECT * FROM ranked WHERE key > :after OR :first ORDER BY key LIMIT :limit
"""
_REASONS: Final = f"""
SELECT m.category,
    coalesce(sum(m.answers) FILTER (WHERE m.month >= :start AND m.month < :end), 0)::bigint
        AS answers,
    coalesce(sum(m.answers) FILTER (WHERE m.month >= :before_start AND m.month < :before_end), 0)
        ::bigint AS before
FROM satisfaction_reason m {_FROM} {_WHERE}
GROUP BY m.category ORDER BY answers DESC, m.category
"""
_RECOUNT: Final = text("""
WITH counted AS (
    SELECT i.month, i.kind, coalesce(i.office, '') AS office, coalesce(i.product, '') AS product,
        count(*) FILTER (WHERE i.withdrawn_at IS NULL) AS invited,
        count(*) FILTER (WHERE a.score = 1) AS score_1,
        count(*) FILTER (WHERE a.score = 2) AS score_2,
        count(*) FILTER (WHERE a.score = 3) AS score_3,
        count(*) FILTER (WHERE a.score = 4) AS score_4,
        count(*) FILTER (WHERE a.score = 5) AS score_5
    FROM survey_invitation i LEFT JOIN survey_answer a ON a.invitation_id = i.id
    GROUP BY 1, 2, 3, 4
), kept AS (
    SELECT month, kind, office, product, invited, score_1, score_2, score_3, score_4, score_5
    FROM satisfaction_month
    WHERE (invited, score_1, score_2, score_3, score_4, score_5) <> (0, 0, 0, 0, 0, 0)
), nonzero AS (
    SELECT * FROM counted
    WHERE (invited, score_1, score_2, score_3, score_4, score_5) <> (0, 0, 0, 0, 0, 0)
)
SELECT (SELECT count(*) FROM (TABLE nonzero EXCEPT TABLE kept) AS missing)
    + (SELECT count(*) FROM (TABLE kept EXCEPT TABLE nonzero) AS surplus) AS differing
""")
_RECOUNT_REASONS: Final = text(f"""
WITH counted AS (
    SELECT i.month, i.kind, coalesce(i.office, '') AS office, coalesce(i.product, '') AS product,
        coalesce(c.category, '{UNCODED}') AS category, count(*) AS answers
    FROM survey_invitation i
    JOIN survey_answer a ON a.invitation_id = i.id AND a.score < 4
    LEFT JOIN survey_category c ON c.invitation_id = i.id
    GROUP BY 1, 2, 3, 4, 5
), kept AS (
    SELECT month, kind, office, product, category, answers FROM satisfaction_reason
    WHERE answers <> 0
)
SELECT (SELECT count(*) FROM (TABLE counted EXCEPT TABLE kept) AS missing)
    + (SELECT count(*) FROM (TABLE kept EXCEPT TABLE counted) AS surplus) AS differing
""")


async def add(session: AsyncSession, changes: Mapping[Cell, Counts]) -> None:
    """Add to the roll-up, or take from it; last in a transaction, for its rows are shared."""
    if not changes:
        return
    cells = sorted(changes)
    counts = [changes[cell] for cell in cells]
    scores = {f"s{n + 1}": [count.scores[n] for count in counts] for n in range(5)}
    await session.execute(
        _ADD,
        {
            "months": [cell.month for cell in cells],
            "kinds": [cell.kind for cell in cells],
            "offices": [cell.office for cell in cells],
            "products": [cell.product for cell in cells],
            "occasions": [count.occasions for count in counts],
            "invited": [count.invited for count in counts],
            **scores,
        },
    )


async def add_reasons(session: AsyncSession, cell: Cell, reasons: Mapping[str, int]) -> None:
    changed = {category: answers for category, answers in reasons.items() if answers}
    if changed:
        told = {"categories": list(changed), "answers": list(changed.values())}
        await session.execute(_ADD_REASONS, cell._asdict() | told)


async def follow_offices(session: AsyncSession, offices: Iterable[OfficePayload]) -> None:
    """Take over offices; an older version never overwrites a newer one."""
    found = sorted(offices, key=lambda office: office.code)
    await session.execute(
        _UPSERT_OFFICES,
        {
            "codes": [office.code for office in found],
            "names": [office.name for office in found],
            "counties": [office.county for office in found],
            "versions": [office.version for office in found],
        },
    )


@dataclass(frozen=True, slots=True)
class Filter:
    """Of a report; None leaves all in."""

    kind: str | None = None
    office: str | None = None
    county: str | None = None
    product: str | None = None


class Spans(NamedTuple):
    period: Period
    before: Period


def _asked(spans: Spans, wanted: Filter) -> dict[str, Any]:
    period, before = spans
    return {
        "start": period.start,
        "end": period.end,
        "before_start": before.start,
        "before_end": before.end,
        "kind": wanted.kind,
        "office": wanted.office,
        "county": wanted.county,
        "product": wanted.product,
    }


async def total(session: AsyncSession, spans: Spans, wanted: Filter) -> Row[Any]:
    return (await session.execute(text(_TOTAL), _asked(spans, wanted))).one()


async def rows(
    session: AsyncSession, spans: Spans, wanted: Filter, by: By, after: str | None, limit: int
) -> Sequence[Row[Any]]:
    """By key; `place` is the rank among those with answers enough."""
    name = "max(o.name)" if by == "office" else "NULL"
    query = _ROWS.format(key=_KEY[by], name=name)
    paged = {"after": after or "", "first": after is None, "limit": limit}
    return (await session.execute(text(query), _asked(spans, wanted) | paged)).all()


async def reasons(session: AsyncSession, spans: Spans, wanted: Filter) -> Sequence[Row[Any]]:
    return (await session.execute(text(_REASONS), _asked(spans, wanted))).all()


async def differing(session: AsyncSession) -> tuple[int, int]:
    """How many rows of either roll-up are not what invitations and answers add up to."""
    counted = (await session.execute(_RECOUNT)).scalar_one()
    reasoned = (await session.execute(_RECOUNT_REASONS)).scalar_one()
    return counted, reasoned


def counts_of(row: Row[Any], prefix: str = "") -> Counts:
    one, two, three, four, five = (getattr(row, f"{prefix}score_{n}") for n in range(1, 6))
    return Counts(
        getattr(row, f"{prefix}occasions"),
        getattr(row, f"{prefix}invited"),
        (one, two, three, four, five),
    )
