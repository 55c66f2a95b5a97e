"""Sessions on the wire."""

import uuid
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from services.gateway.sessions.domain import EndReason, SessionKind
from shared.auth import World


class SessionBody(BaseModel):
    """`idle_s`: without a request for so long, it is over."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    kind: SessionKind
    world: World
    device_id: uuid.UUID | None
    strong: bool
    idle_s: int
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    ended_reason: EndReason | None


class SessionsBody(BaseModel):
    items: list[SessionBody]


class Ended(BaseModel):
    """How many sessions were open, and are not any more."""

    sessions: int


class OpenedSession(BaseModel):
    """The only answer with the token: send it as `Authorization: Bearer`.

    `next`: what is to be done before the session may do anything: set up a second factor.
    """

    id: uuid.UUID
    token: str
    expires_at: datetime
    idle_s: int
    scopes: list[str]
    next: Literal["second_factor"] | None


class Me(BaseModel):
    """Who asks, as the services see it."""

    id: str
    kind: str
    world: World
    office: str | None
    phone: str | None
    session: str | None
    scopes: list[str]
