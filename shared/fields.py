"""Pydantic types for the identifiers people send: any digits come in, the canonical form goes on.

Messages name the fix and carry no input, which may be personal.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from shared.calendar import Period
from shared.identifiers import (
    parse_legal_id,
    parse_mobile,
    parse_national_id,
    parse_phone,
    parse_postal_code,
    parse_sheba,
)
from shared.text import fold_code, fold_digits, storable

_INPUT_LENGTH_MAX = 40
_OFFICE_CODE = re.compile(r"[A-Z]{2}[0-9]{5}")


def _parsed(parse: Callable[[str], str], text: str, code: str) -> str:
    try:
        return parse(text)
    except ValueError as error:
        raise PydanticCustomError(code, "{reason}", {"reason": str(error)}) from None


def checked(parse: Callable[[str], str], code: str) -> AfterValidator:
    """Of a string that `parse` turns canonical, or refuses with a ValueError: an error `code`."""
    return AfterValidator(lambda text: _parsed(parse, text, code))


@dataclass(frozen=True)
class _Field:
    """Metadata of a string that `parse` turns canonical, or refuses with a ValueError.

    `code`: of the error, by which pages know what to say.
    """

    parse: Callable[[str], str]
    example: str
    code: str

    def _check(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value  # the string schema behind says what type it wants
        if len(value) > _INPUT_LENGTH_MAX:
            raise PydanticCustomError(
                "string_too_long",
                "Write at most {max_length} characters",
                {"max_length": _INPUT_LENGTH_MAX},
            )
        return _parsed(self.parse, storable(value), self.code)

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_before_validator_function(
            self._check, core_schema.str_schema(max_length=_INPUT_LENGTH_MAX)
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return handler(schema) | {"examples": [self.example]}


def _barcode_text(text: str) -> str:
    """Kept as sent, but for digits: a batch answers a malformed barcode per item, not with 422."""
    return fold_digits(text).strip()


def _office_code(text: str) -> str:
    code = fold_code(text)
    if _OFFICE_CODE.fullmatch(code) is None:
        raise ValueError("Write an office code as two letters and five digits, such as KZ00012")
    return code


def _period(text: str) -> str:
    return str(Period.parse(text))


BarcodeText = Annotated[str, _Field(_barcode_text, "610000000000000042731729", "barcode")]
OfficeCode = Annotated[str, _Field(_office_code, "KZ00012", "office_code")]
PostalCode = Annotated[str, _Field(parse_postal_code, "6135743337", "postal_code")]
Mobile = Annotated[str, _Field(parse_mobile, "09123456789", "mobile")]
Phone = Annotated[str, _Field(parse_phone, "06133334444", "phone")]
NationalId = Annotated[str, _Field(parse_national_id, "0084575948", "national_id")]
LegalId = Annotated[str, _Field(parse_legal_id, "10380284790", "legal_id")]
Sheba = Annotated[str, _Field(parse_sheba, "IR820540102680020817909002", "sheba")]
PeriodText = Annotated[str, _Field(_period, "1397-05", "jalali_period")]

# Far from the ends of datetime's range, where another time zone overflows it.
Instant = Annotated[
    AwareDatetime, Field(ge=datetime(1000, 1, 1, tzinfo=UTC), lt=datetime(9999, 1, 1, tzinfo=UTC))
]
"""An RFC 3339 time of any offset, as sent: no Python call each, a batch has thousands."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _day(value: Any) -> Any:
    """Only a written date: pydantic's own would take a number for seconds since 1970."""
    if not isinstance(value, str):
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        raise PydanticCustomError("day", "Write a day as 2019-03-21 (Gregorian)")
    text = fold_digits(value[:_INPUT_LENGTH_MAX]).strip()
    if _DAY.fullmatch(text) is None:
        raise PydanticCustomError("day", "Write a day as 2019-03-21 (Gregorian)")
    return text


Day = Annotated[
    date,
    Field(ge=date(1900, 1, 1), le=date(2200, 12, 31), examples=["2019-03-21"]),
    BeforeValidator(_day),
]
"""A Gregorian full-date in any digits, a day in Tehran: as far as an office's papers go."""
