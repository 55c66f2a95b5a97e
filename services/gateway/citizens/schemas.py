"""Citizens' signing in, on the wire."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from services.gateway.second_factor.schemas import Digits
from shared.fields import Mobile


class CodeWanted(BaseModel):
    model_config = ConfigDict(extra="forbid")

    phone: Mobile


class CodeSent(BaseModel):
    """The same whether or not the phone was ever seen here."""

    expires_at: datetime


class CitizenSignIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    phone: Mobile
    code: Digits
