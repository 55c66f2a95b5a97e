"""SQL of labels: what is printed of a partner's own parcels."""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

_PRINTED = text("""
SELECT p.item_id, p.reference, p.product, p.status, p.weight_g, p.origin_office, p.to_province,
    p.to_town, p.cod_rials, p.declared_value_rials, p.booked_at,
    party.sender_name, party.sender_phone, party.sender_address, party.sender_postal_code,
    party.recipient_name, party.recipient_phone, party.recipient_address,
    party.recipient_postal_code, coalesce(t.advice_of_delivery, false) AS advice_of_delivery
FROM parcel p JOIN parcel_party party USING (item_id) LEFT JOIN parcel_terms t USING (item_id)
WHERE p.item_id = ANY(:items) AND p.partner = :partner
""")


async def printed(
    session: AsyncSession, partner: uuid.UUID, items: Sequence[int]
) -> dict[int, Row[Any]]:
    """By item id; what is another's, unknown, or has no people any more is left out."""
    rows = await session.execute(_PRINTED, {"items": list(items), "partner": partner})
    return {row.item_id: row for row in rows}
