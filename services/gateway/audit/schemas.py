"""The audit on the wire."""

import uuid
from datetime import datetime
from typing import Any

from pydantic import BaseModel


class ChainBody(BaseModel):
    """`chain`: a partner's id, or `province`. `hash`: of its last entry, hexadecimal."""

    chain: str
    seq: int
    hash: str
    signature: str


class EntryBody(BaseModel):
    """One thing done. `hash` covers all of it and `prev` (docs/people.md says how)."""

    chain: str
    seq: int
    source: str
    event: uuid.UUID
    type: str
    subject: str | None
    time: datetime
    data: dict[str, Any]
    prev: str
    hash: str
