"""SQL of the reports of cases: each reads the index range of a period, or the open cases."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.caseload.domain import BUCKETS, Dimension, Measure
from shared.calendar import Period

ROWS_MAX: Final = 1000

# `by` is one of the words of Dimension, which are columns of the case
_BREAKDOWN_SQL: Final = """
SELECT key, sum(filed)::bigint AS filed, sum(joined)::bigint AS joined,
    sum(answered)::bigint AS answered, sum(closed)::bigint AS closed,
    sum(reopened)::bigint AS reopened
FROM (
    SELECT {by} AS key, 1 AS filed, 0 AS joined, 0 AS answered, 0 AS closed, 0 AS reopened
    FROM complaint_case WHERE filed_at >= :start AND filed_at < :end
    UNION ALL
    SELECT c.{by}, 0, 1, 0, 0, 0 FROM case_party p JOIN complaint_case c ON c.id = p.case_id
    WHERE p.joined_at >= :start AND p.joined_at < :end
    UNION ALL
    SELECT {by}, 0, 0, 1, 0, 0 FROM complaint_case
    WHERE answered_at >= :start AND answered_at < :end
    UNION ALL
    SELECT {by}, 0, 0, 0, 1, 0 FROM complaint_case
    WHERE closed_at >= :start AND closed_at < :end
    UNION ALL
    SELECT c.{by}, 0, 0, 0, 0, 1 FROM case_stage s JOIN complaint_case c ON c.id = s.case_id
    WHERE s.act = 'reopen' AND s.occurred_at >= :start AND s.occurred_at < :end
) counted
GROUP BY key ORDER BY filed DESC, key NULLS LAST LIMIT :limit
"""
# the breakdown's own ranges, one by one; `by` and `measure` are words of ours as well
_COUNTED_SQL: Final = """
SELECT c.year, c.id, {nth} AS nth, c.category, c.channel, c.severity, c.status, c.handling_office,
    {at} AS at
FROM {rows}
WHERE {at} >= :start AND {at} < :end AND (CAST(:key AS text) IS NULL OR c.{by} = :key)
    AND ({at}, c.id, {nth}) > (:after, :id, :nth)
ORDER BY at, c.id, nth LIMIT :limit
"""
_REOPENED: Final = {
    "nth": "s.nth",
    "at": "s.occurred_at",
    "rows": "case_stage s JOIN complaint_case c ON c.id = s.case_id AND s.act = 'reopen'",
}
_AGEING_SQL: Final = """
SELECT {by} AS key, count(*) AS open, {ages}
FROM complaint_case WHERE status <> 'closed'
GROUP BY 1 ORDER BY open DESC, key NULLS LAST LIMIT :limit
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A number of the breakdown; `key` None: of all its rows."""

    measure: Measure
    by: Dimension
    key: str | None
    period: Period


After = tuple[datetime, int, int]
"""When it happened, to which case, and at which of its stages (0 where it happens once)."""


async def breakdown(
    session: AsyncSession, by: Dimension, period: Period
) -> list[Row[tuple[object, ...]]]:
    sql = text(_BREAKDOWN_SQL.format(by=by))
    bounds = {"start": period.start_at, "end": period.end_at, "limit": ROWS_MAX}
    return list((await session.execute(sql, bounds)).all())


async def counted(
    session: AsyncSession, asked: Asked, after: After, limit: int
) -> list[Row[tuple[Any, ...]]]:
    """What a number of the breakdown counts, the oldest first."""
    dated = {"nth": "0", "at": f"c.{asked.measure}_at", "rows": "complaint_case c"}
    parts = _REOPENED if asked.measure == "reopened" else dated
    bounds: dict[str, Any] = {
        "start": asked.period.start_at,
        "end": asked.period.end_at,
        "key": asked.key,
    }
    bounds |= {"after": after[0], "id": after[1], "nth": after[2], "limit": limit}
    sql = text(_COUNTED_SQL.format(by=asked.by, **parts))
    return list((await session.execute(sql, bounds)).all())


async def ageing(
    session: AsyncSession, by: Dimension, now: datetime
) -> list[Row[tuple[object, ...]]]:
    ends = [*(bucket.over for bucket in BUCKETS[1:]), None]
    ages, bounds = [], {}
    for bucket, end in zip(BUCKETS, ends, strict=True):
        younger = "true" if bucket is BUCKETS[0] else f"filed_at <= :from_{bucket.name}"
        older = "true" if end is None else f"filed_at > :until_{bucket.name}"
        ages.append(f"count(*) FILTER (WHERE {younger} AND {older}) AS {bucket.name}")
        if bucket is not BUCKETS[0]:
            bounds[f"from_{bucket.name}"] = now - bucket.over
        if end is not None:
            bounds[f"until_{bucket.name}"] = now - end
    sql = text(_AGEING_SQL.format(by=by, ages=", ".join(ages)))
    return list((await session.execute(sql, {**bounds, "limit": ROWS_MAX})).all())
