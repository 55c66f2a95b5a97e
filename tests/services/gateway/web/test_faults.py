"""What is wrong with a field is said in the reader's language, whatever our schemas may refuse."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args

import pytest
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core.core_schema import ErrorType

from services.gateway.web.faults import KEYS, SAID_AS, Fault, say
from services.gateway.web.texts import ALL
from shared import fields
from shared.errors import Invalid, field_errors
from shared.text import text

ROOT: Final = Path(__file__).parents[4]
OF_PYTHON_ALONE: Final = re.compile(
    "no_such_attribute|needs_python|recursion|frozen_(field|instance)|get_attribute|dataclass_exact"
    "|named_tuple|default_factory|iteration|ordered_dict|counter_type|deque|set_item|sentinel"
    "|ellipsis|is_(in|sub)|callable|arguments_type|unexpected_pos|multiple_arg|fraction|complex"
    "|frozen_dict"
)
"""Of Pydantic's types those that no JSON, form or query can lead to in our schemas."""
LIMITS: Final = {
    **dict.fromkeys(("gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length"), 1234),
    "expected": "'a' or 'b'",
}


def ours() -> Iterator[str]:
    """The codes that our own validators give, as their source names them."""
    given = re.compile(
        r'PydanticCustomError\(\s*"(\w+)"|\bchecked\([^"\n]*, "(\w+)"\)|_Field\([^()]+, "(\w+)"\)'
        r'|Invalid\.field\(\s*[^,]+,\s*f?"[^"]*",\s*"(\w+)"'
    )
    for folder in ("services", "shared"):
        for path in (ROOT / folder).rglob("*.py"):
            for found in given.finditer(path.read_text("utf-8")):
                yield next(code for code in found.groups() if code)


def test_every_code_has_words_in_both_languages() -> None:
    pydantics = {code for code in get_args(ErrorType) if not OF_PYTHON_ALONE.search(code)}
    own = set(ours())
    assert {"sheba", "office_code", "barcode", "case_number", "unknown_office"} <= own
    for texts in ALL.values():
        unsaid = [one for one in pydantics | own if say(texts, Fault("", one, LIMITS)) is None]
        assert unsaid == [], texts.language
    assert len(KEYS) == sum(map(len, SAID_AS.values())), "a code stands under two texts"


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid")

    needed: int
    name: Annotated[str, text(3, 10)]
    weight_g: Annotated[int, Field(gt=0, le=30_000)]
    pattern: Annotated[str, Field(pattern="^[a-z]+$")]
    day: fields.Day
    at: fields.Instant
    product: Literal["adi", "pishtaz"]
    office: fields.OfficeCode
    sheba: fields.Sheba
    national_id: fields.NationalId
    several: Annotated[list[int], Field(max_length=1)]


WRONG: Final[dict[str, tuple[Any, str, str]]] = {
    "name": (" x ", "دست‌کم ۳ نویسه بنویسید.", "Write at least 3 characters."),
    "weight_g": (30_001, "نباید بیش از ۳۰٬۰۰۰ باشد.", "It must not be more than 30,000."),
    "pattern": ("A", "به شکلی که باید نوشته نشده است.", "It is not written as it must be."),
    "day": ("1899-12-31", "نباید کمتر از ۱۲۷۸/۱۰/۱۱ باشد.", "It must not be less than 1900-01-01."),
    "at": ("2019-03-21T10:00:00", "منطقهٔ زمانی را هم بنویسید.", "Write the time zone too."),
    "product": ("zzz", "یکی از گزینه‌ها را برگزینید.", "Choose one of those offered."),
    "office": ("K1", "کد دفتر دو حرف و پنج رقم", "An office code is two letters"),
    "sheba": ("IR00", "شبا IR و ۲۴ رقم است", "A Sheba is IR and 24 digits"),
    "national_id": ("0084575949", "کد ملی ده رقم است", "A national ID is ten digits"),
    "several": ([1, 2], "بیش از ۱ مورد نمی‌شود.", "At most 1 are taken."),
    "more": (1, "چنین نامی اینجا نیست", "There is no such field here"),
    "needed": (None, "یک عدد بنویسید.", "Write a number."),
}


def test_errors_of_a_form_are_told_with_their_limits() -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(Form).validate_python({name: value for name, (value, _, _) in WRONG.items()})
    found = {one["field"]: one for one in field_errors(caught.value.errors())}
    assert found.keys() == WRONG.keys()
    assert found["weight_g"]["limits"] == {"le": 30_000}
    assert "limits" not in found["sheba"]
    assert "zzz" not in str(found), "what was sent may be personal"
    for name, (_, fa, en) in WRONG.items():
        for texts, expected in ((ALL["fa"], fa), (ALL["en"], en)):
            said = say(texts, Fault.of(found[name]))
            assert said is not None
            assert said.startswith(expected), (name, said)


def test_what_has_no_words_is_left_to_the_service() -> None:
    refused = Invalid.field("body.url", "10.0.0.1 is no public address")
    assert refused.errors is not None
    [error] = refused.errors
    assert say(ALL["fa"], Fault.of(error)) is None
    assert say(ALL["fa"], Fault.of({"message": "too light"})) is None
    assert say(ALL["fa"], Fault("too short", "string_too_short")) is None, "no limit is made up"
    assert not Fault("…", "value_error").whole
