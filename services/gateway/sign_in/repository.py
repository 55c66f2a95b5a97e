"""The tries of signing in. Each is counted before it is looked at, in a statement that commits."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.gateway.staff.domain import FAILURES_MAX, LOCKED_FOR
from shared.database import Database

_TRY: Final = """
UPDATE staff_member
SET failures = CASE WHEN locked_until IS NULL THEN failures ELSE 0 END + 1,
    locked_until = CASE WHEN locked_until IS NULL AND failures + 1 >= $3 THEN $4::timestamptz END
WHERE login = $1 AND (locked_until IS NULL OR locked_until <= $2)
RETURNING account_id, password_hash, failures
"""


@dataclass(frozen=True, slots=True)
class Try:
    """`last`: a wrong one locks the account, as it is by now."""

    account_id: uuid.UUID
    password_hash: str | None
    last: bool


async def take_try(database: Database, login: str, now: datetime) -> Try | None:
    """Count a try of an account that is not locked; None where there is none."""
    row = await database.hot.fetchrow(_TRY, login, now, FAILURES_MAX, now + LOCKED_FOR)
    if row is None:
        return None
    return Try(row["account_id"], row["password_hash"], row["failures"] >= FAILURES_MAX)
