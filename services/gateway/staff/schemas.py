"""Staff on the wire."""

import uuid
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from services.gateway.partners.domain import Status
from services.gateway.partners.schemas import Email, Name
from services.gateway.roles.domain import RoleName
from services.gateway.staff.domain import folded_login
from shared.fields import OfficeCode, Phone
from shared.text import storable, text


def _login(value: object) -> object:
    return folded_login(storable(value[:100])) if isinstance(value, str) else value


Login = Annotated[
    str,
    StringConstraints(min_length=3, max_length=40, pattern=r"^[a-z][a-z0-9._-]{2,39}$"),
    BeforeValidator(_login),
]
TypedLogin = Annotated[str, text(1, 100)]
"""Whatever was typed where a login is asked for: a wrong one is refused as an unknown one is."""


class NewStaff(BaseModel):
    """Who is to work here. The account signs in after a code set its password or device up."""

    model_config = ConfigDict(extra="forbid")

    login: Login
    name: Name
    role: RoleName
    office: OfficeCode | None = None
    partner: uuid.UUID | None = Field(
        default=None, description="Of the role `partner`: the account that they act for."
    )
    phone: Phone | None = None
    email: Email | None = None


class StaffChange(BaseModel):
    """Another role, another office, or both. Every session of the account ends."""

    model_config = ConfigDict(extra="forbid")

    role: RoleName
    office: OfficeCode | None


class StaffBody(BaseModel):
    """`second_factor`: one is set up. `locked_until`: after wrong tries."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    login: str
    name: str
    role: RoleName
    office: str | None
    partner: uuid.UUID | None
    status: Status
    password_set: bool
    second_factor: bool
    locked_until: datetime | None
    created_at: datetime
    updated_at: datetime
