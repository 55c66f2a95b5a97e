"""Second factors on the wire."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from shared.text import fold_digits, storable


def _digits(value: object) -> object:
    return fold_digits(storable(value[:40])).strip() if isinstance(value, str) else value


Digits = Annotated[
    str,
    Field(pattern=r"^[0-9]{6}$", min_length=6, max_length=6, examples=["123456"]),
    BeforeValidator(_digits),
]
"""Six digits of any script."""


class FactorBegun(BaseModel):
    """For an authenticator app: `uri` as a QR code, or `secret` typed in. Shown this once."""

    secret: str
    uri: str


class FactorConfirmed(BaseModel):
    model_config = ConfigDict(extra="forbid")

    code: Digits
