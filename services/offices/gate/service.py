"""The gate of an office kept in step with its papers. It changes rows and tells nobody."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import cast

from sqlalchemy.ext.asyncio import AsyncSession

from services.offices.config import Settings
from services.offices.events import GateState
from services.offices.gate import domain, repository
from services.offices.registry.models import Office


def set_gate(
    office: Office, papers: Sequence[domain.Paper], grace_days: int, now: datetime
) -> bool:
    """Whether it differs from before; `next_gate_at` is set in any case."""
    made = domain.gate(office.kind, papers, grace_days, now)
    state = GateState.model_validate(asdict(made)).model_dump(mode="json")
    office.next_gate_at = domain.changes_next(office.kind, papers, grace_days, now)
    if office.gate == state:
        return False
    office.gate = state
    return True


async def refresh(session: AsyncSession, offices: Sequence[Office], now: datetime) -> list[Office]:
    """Set the gates of offices that the caller has locked; those whose gate changed."""
    await session.flush()
    papers = await repository.papers(session, [office.id for office in offices])
    days = grace_days(session)
    return [office for office in offices if set_gate(office, papers[office.id], days, now)]


def grace_days(session: AsyncSession) -> int:
    """SUSA_OFFICES_GRACE_DAYS, of the service that opened the session."""
    return cast("Settings", session.info["settings"]).grace_days
