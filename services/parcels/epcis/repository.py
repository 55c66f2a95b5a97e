"""SQL of the EPCIS view: a partner's own item with its events in the order of the fold."""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

_EVENTS = text("""
SELECT p.status, e.event, e.event_id, e.office, e.recorded_at, e.reason, e.action,
    least(e.occurred_at, e.recorded_at + interval '5 min') AS at,
    d.declared_at, d.reason AS declared, d.corrective
FROM parcel p
LEFT JOIN (item_event e LEFT JOIN event_declaration d USING (item_id, event_id))
    ON e.item_id = p.item_id AND (NOT e.flagged OR d.counted)
WHERE p.item_id = :item_id AND p.partner = :partner
ORDER BY at, e.event, e.event_id
""")


async def events(session: AsyncSession, partner: uuid.UUID, item_id: int) -> Sequence[Row[Any]]:
    """A row an event (one with nulls where there is none yet); empty where it is not one's own."""
    found = await session.execute(_EVENTS, {"item_id": item_id, "partner": partner})
    return found.all()
