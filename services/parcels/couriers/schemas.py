"""What couriers look like on the wire."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from shared.fields import OfficeCode, Phone
from shared.text import text

CourierCode = Annotated[
    str, Field(max_length=20, pattern=r"^[A-Z0-9][A-Z0-9-]{0,19}$", examples=["KZ00012-03"])
]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewCourier(_Request):
    code: CourierCode
    office: OfficeCode
    name: Annotated[str, text(1, 200)]
    phone: Phone


class CourierChange(_Request):
    office: OfficeCode | None = None
    active: bool | None = None
    name: Annotated[str, text(1, 200)] | None = None
    phone: Phone | None = None


class CourierOut(BaseModel):
    """`name` and `phone` are for staff, and null once erased."""

    code: str
    office: str | None
    active: bool
    name: str | None
    phone: str | None
    version: int
