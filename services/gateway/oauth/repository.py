"""SQL of assertions that were used."""

import hashlib
import uuid
from datetime import datetime

from sqlalchemy import delete, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.oauth.models import ClientAssertion


async def use(session: AsyncSession, client: uuid.UUID, jti: str, expires_at: datetime) -> bool:
    """False when it was used before, in any process."""
    digest = hashlib.sha256(jti.encode(errors="surrogatepass")).digest()
    added = await session.execute(
        insert(ClientAssertion)
        .values(client_id=client, jti=digest, expires_at=expires_at)
        .on_conflict_do_nothing()
        .returning(ClientAssertion.jti)
    )
    return added.first() is not None


async def prune(session: AsyncSession, before: datetime, *, limit: int) -> int:
    """Forget those that would be refused for their age; how many there were."""
    key = (ClientAssertion.client_id, ClientAssertion.jti)
    old = select(*key).where(ClientAssertion.expires_at < before).limit(limit)
    gone = await session.execute(
        delete(ClientAssertion).where(tuple_(*key).in_(old)).returning(ClientAssertion.jti)
    )
    return len(gone.all())
