"""SQL of the gate: the papers of offices, and whose gate is to be looked at again."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.offices.gate.domain import Paper

# A licence counts for the kind it was given for. One suspended or revoked ended when the decision
# that stopped it took effect: the last one before which it was not stopped.
_PAPERS: Final = text("""
SELECT l.office_id, 'licence' AS what, l.number, l.valid_from, l.valid_until,
       CAST(timezone('Asia/Tehran', stop.effective_from) AS date) AS ended_on,
       CASE WHEN stop.after <> l.status THEN stop.after || ', then ' || l.status
            ELSE l.status END AS ended_by,
       CAST(NULL AS text[]) AS products, CAST(NULL AS integer) AS weight_max_g
FROM licence l JOIN office o ON o.id = l.office_id AND o.kind = l.kind
LEFT JOIN LATERAL (
    SELECT d.effective_from, d.after FROM decision d
    JOIN decision_effect e ON e.decision_id = d.id AND e.effect = 'applied'
    WHERE d.subject_kind = 'licence' AND d.subject_id = l.id
      AND d.after IN ('suspended', 'revoked') AND d.before NOT IN ('suspended', 'revoked')
    ORDER BY d.effective_from DESC, d.seq DESC LIMIT 1
) stop ON l.status IN ('suspended', 'revoked')
WHERE l.office_id = ANY(:offices)
UNION ALL
SELECT office_id, 'contract', number, valid_from, valid_until, terminated_on, 'terminated',
       products, weight_max_g
FROM contract WHERE office_id = ANY(:offices)
""")


async def papers(session: AsyncSession, offices: Sequence[int]) -> dict[int, list[Paper]]:
    """The licences (for the office's kind) and contracts of these offices, by office number."""
    found: dict[int, list[Paper]] = defaultdict(list)
    for row in await session.execute(_PAPERS, {"offices": list(offices)}):
        office, what, number, first, last, ended_on, ended_by, products, weight = row
        limits = products and tuple(products)
        paper = Paper(what, number, first, last, ended_on, ended_by, limits, weight)
        found[office].append(paper)
    return found


async def due(session: AsyncSession, now: datetime, limit: int) -> list[str]:
    """Codes of offices whose gate may have changed with time, the longest due first."""
    rows = await session.scalars(
        text(
            "SELECT code FROM office WHERE next_gate_at <= :now ORDER BY next_gate_at LIMIT :limit"
        ),
        {"now": now, "limit": limit},
    )
    return list(rows)
