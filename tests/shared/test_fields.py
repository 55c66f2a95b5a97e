from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from shared.fields import (
    BarcodeText,
    Day,
    LegalId,
    Mobile,
    NationalId,
    OfficeCode,
    PeriodText,
    Phone,
    PostalCode,
    Sheba,
)

FIELDS = {
    "barcode": BarcodeText,
    "legal_id": LegalId,
    "mobile": Mobile,
    "national_id": NationalId,
    "office_code": OfficeCode,
    "period": PeriodText,
    "phone": Phone,
    "postal_code": PostalCode,
    "sheba": Sheba,
}
each_field = pytest.mark.parametrize("kind", FIELDS.values(), ids=FIELDS)


@pytest.mark.parametrize(
    ("kind", "sent", "kept"),
    [
        (OfficeCode, " kz-۰۰۰۱۲", "KZ00012"),
        (PostalCode, "۶۱۳۵۷-۴۳۳۳۷", "6135743337"),
        (Mobile, "۰۹۱۲۳۴۵۶۷۸۹", "+989123456789"),
        (Phone, "۰۶۱۳۳۳۳۴۴۴۴", "+986133334444"),
        (BarcodeText, " RR۴۷۳۱۲۴۸۲۹gb ", "RR473124829gb"),
        (BarcodeText, "nonsense stays for the item's own answer", None),
        (PeriodText, "۱۳۹۸-h1", "1398-H1"),
        (NationalId, "۰۰۸۴۵۷۵۹۴۸", "0084575948"),
    ],
)
def test_canonical(kind: Any, sent: str, kept: str | None) -> None:
    assert TypeAdapter(kind).validate_python(sent) == (sent if kept is None else kept)


@pytest.mark.parametrize(
    ("kind", "sent", "fix"),
    [
        (OfficeCode, "KZ12", "two letters and five digits"),
        (OfficeCode, "KZ000\u0131", "two letters and five digits"),
        (PostalCode, "613574333", "10 digits"),
        (PostalCode, "0135743337", "never 0 or 2"),
        (Mobile, "06133334444", "such as 09123456789"),
        (BarcodeText, "1" * 41, "at most 40"),
        (BarcodeText, "12\x003", "NUL"),
        (BarcodeText, "12\ud800", "surrogate"),
        (PeriodText, "1397-13", "01 to 12"),
        (NationalId, "0084575949", "read it again"),
    ],
)
def test_refused_with_the_fix(kind: Any, sent: str, fix: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(sent)
    [error] = caught.value.errors()
    assert fix in error["msg"]
    assert sent not in error["msg"]


@each_field
@pytest.mark.parametrize("sent", [12, None, True, ["a"], {"a": 1}])
def test_another_json_type_is_refused(kind: Any, sent: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(sent)
    assert caught.value.errors()[0]["type"] == "string_type"


@each_field
def test_the_schema_is_a_short_string_whose_example_passes(kind: Any) -> None:
    adapter = TypeAdapter(kind)
    schema = adapter.json_schema()
    assert schema["type"] == "string"
    assert schema["maxLength"] == 40
    for example in schema["examples"]:
        adapter.validate_python(example)


DAY: TypeAdapter[date] = TypeAdapter(Day)


@pytest.mark.parametrize("sent", ["2019-03-21", " ۲۰۱۹-۰۳-۲۱ ", date(2019, 3, 21)])
def test_a_day(sent: str | date) -> None:
    assert DAY.validate_python(sent) == date(2019, 3, 21)


def test_what_is_no_day() -> None:
    numbers = (0, 1.5, True, "0", "1553126400", "20190321")
    days = ("2019-02-30", "2019-03-21T00:00:00Z", "1899-12-31", "2201-01-01")
    for sent in (*numbers, *days, "\x00", "\ud800", datetime(2019, 3, 21, tzinfo=UTC)):
        with pytest.raises(ValidationError):
            DAY.validate_python(sent)
