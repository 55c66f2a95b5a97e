"""What is told of staff, their devices and sessions: by ids, never by name or login."""

from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from shared import outbox

CREATED: Final = "staff_member.created"
CHANGED: Final = "staff_member.changed"
LOCKED: Final = "staff_member.locked"
PASSWORD_SET: Final = "staff_member.password_set"  # noqa: S105 - an event, no password
FACTOR_SET: Final = "staff_member.second_factor_set"
FACTOR_RESET: Final = "staff_member.second_factor_reset"
SIGNED_IN: Final = "staff_member.signed_in"
SIGNED_OUT: Final = "staff_member.signed_out"
CODE_ISSUED: Final = "staff_member.code_issued"
DEVICE_ENROLLED: Final = "staff_member.device_enrolled"
DEVICE_REVOKED: Final = "staff_member.device_revoked"
DEVICE_LOCKED: Final = "staff_member.device_locked"
TYPES: Final = (
    CREATED,
    CHANGED,
    LOCKED,
    PASSWORD_SET,
    FACTOR_SET,
    FACTOR_RESET,
    SIGNED_IN,
    SIGNED_OUT,
    CODE_ISSUED,
    DEVICE_ENROLLED,
    DEVICE_REVOKED,
    DEVICE_LOCKED,
)


class StaffState(BaseModel):
    """`by`: the account that did it. `device`, `purpose`: of what the event is about."""

    account: UUID
    role: str
    office: str | None
    by: str
    device: UUID | None = None
    purpose: str | None = None
    sessions: int | None = None
    partner: UUID | None = None


async def tell(session: AsyncSession, type_: str, state: StaffState, now: datetime) -> None:
    data = {"staff_member": state.model_dump(mode="json", exclude_none=True)}
    await outbox.append(session, type_, data, time=now, subject=str(state.account))
