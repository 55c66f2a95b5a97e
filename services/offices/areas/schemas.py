"""What service areas say and hear over the wire."""

import re
from typing import Annotated, Final, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)
from pydantic_core import PydanticCustomError

from services.offices.areas import domain
from services.offices.areas.domain import CodeRange
from services.offices.registry.domain import Kind, Status
from shared.text import fold_code, storable

RANGES_MAX: Final = 500
_PREFIX = re.compile(r"[0-9]{1,10}")


def _folded(text: object) -> object:
    return fold_code(storable(text)) if isinstance(text, str) and len(text) <= 40 else text


def _digits(text: str) -> str:
    if _PREFIX.fullmatch(text) is None:
        raise PydanticCustomError("prefix", "Write the first digits of a postal code, one to ten")
    return text


Prefix = Annotated[
    str,
    BeforeValidator(_folded),
    Field(max_length=40, examples=["61357"]),
    AfterValidator(_digits),
]


class PrefixRange(BaseModel):
    """All postal codes from those that begin with `from` to those that begin with `to`.

    Without `to`: those that begin with `from`.
    """

    model_config = ConfigDict(extra="forbid")

    first: Annotated[Prefix, Field(alias="from")]
    last: Annotated[Prefix | None, Field(alias="to")] = None

    @model_validator(mode="after")
    def _upwards(self) -> Self:
        try:
            self.codes()
        except ValueError as error:
            raise PydanticCustomError("range", "{reason}", {"reason": str(error)}) from None
        return self

    def codes(self) -> CodeRange:
        return domain.of_prefixes(self.first, self.last or self.first)


class AreaIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    ranges: Annotated[list[PrefixRange], Field(max_length=RANGES_MAX)]


class RangeOut(BaseModel):
    """Both codes included."""

    model_config = ConfigDict(from_attributes=True, serialize_by_alias=True)

    first: Annotated[str, Field(serialization_alias="from")]
    last: Annotated[str, Field(serialization_alias="to")]


class AreaOut(BaseModel):
    """`version` 0: never set."""

    office: str
    ranges: list[RangeOut]
    version: int


class _Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class AreaOffice(_Answer):
    code: str
    name: str
    kind: Kind
    town: str
    status: Status


class OfficesOf(_Answer):
    """Whose area a postal code is in: nobody's, one office's, or that of several which overlap."""

    postal_code: str
    offices: list[AreaOffice]


class OverlapOut(_Answer):
    """Postal codes that lie in the areas of two offices, both codes included."""

    offices: tuple[AreaOffice, AreaOffice]
    codes: RangeOut
