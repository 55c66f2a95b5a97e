"""One-time codes of staff on the wire."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict

from services.gateway.enrolments.domain import Purpose
from services.gateway.staff.domain import PASSWORD_MAX
from shared.text import text

Code = Annotated[str, text(1, 40)]
Password = Annotated[str, text(1, PASSWORD_MAX)]


class IssuedCode(BaseModel):
    """To be handed to the person it is for: the only answer that carries it."""

    purpose: Purpose
    code: str
    expires_at: datetime


class NewPassword(BaseModel):
    """A password of one's own choice, by the code that an administrator handed over."""

    model_config = ConfigDict(extra="forbid")

    code: Code
    password: Password
