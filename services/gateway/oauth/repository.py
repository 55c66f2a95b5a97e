"""SQL of assertions that were used."""

import hashlib
import uuid
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.oauth.models import ClientAssertion
from shared.database import Database

_USE: Final = """
INSERT INTO client_assertion (client_id, jti, expires_at) VALUES ($1, $2, $3)
ON CONFLICT DO NOTHING RETURNING true
"""


async def use(database: Database, client: uuid.UUID, jti: str, expires_at: datetime) -> bool:
    """False when it was used before, in any process. Commits by itself: a refusal uses it too."""
    digest = hashlib.sha256(jti.encode(errors="surrogatepass")).digest()
    return bool(await database.hot.fetchval(_USE, client, digest, expires_at))


async def prune(session: AsyncSession, before: datetime, *, limit: int) -> int:
    """Forget those that would be refused for their age; how many there were."""
    key = (ClientAssertion.client_id, ClientAssertion.jti)
    old = select(*key).where(ClientAssertion.expires_at < before).limit(limit)
    gone = await session.execute(
        delete(ClientAssertion).where(tuple_(*key).in_(old)).returning(ClientAssertion.jti)
    )
    return len(gone.all())
