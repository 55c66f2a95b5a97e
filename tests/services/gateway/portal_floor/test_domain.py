"""What is typed and scanned, as the API takes it."""

import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.gateway.portal_floor import domain
from services.gateway.portal_floor.domain import NotARecordError
from services.gateway.web.forms import Form
from shared.identifiers.numbered import numbered
from shared.text import persian_digits

FEW = settings(max_examples=25, deadline=None)
SERIALS = st.integers(0, 10**12 - 1)


@FEW
@given(st.integers(0, 10**15), st.sampled_from([",", "٬", " ", "_", ""]))
def test_numbers_come_in_any_digits_and_with_separators(n: int, separator: str) -> None:
    typed = f"{n:,}".replace(",", separator)
    assert domain.whole(typed) == domain.whole(persian_digits(typed)) == n


@FEW
@given(st.text(max_size=30))
def test_what_is_no_number_goes_as_it_was_typed(text: str) -> None:
    found = domain.whole(text)
    assert found is None or found == text or (isinstance(found, int) and found >= 0)


@FEW
@given(SERIALS, st.sampled_from(["BG", "MF"]))
def test_a_number_tells_what_it_is_of(serial: int, prefix: str) -> None:
    code = numbered(prefix, serial)
    wanted = {"BG": "bag", "MF": "manifest"}[prefix]
    for typed in (code, persian_digits(code), f" {code[:6]} {code[6:]}\n", code.lower()):
        found = domain.scanned(typed)
        assert (found.kind, found.code) == (wanted, code)
    wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
    assert domain.scanned(wrong).kind == "parcel"
    assert domain.scanned(" ").kind == "nothing"


@FEW
@given(st.lists(st.from_regex(r"\A[0-9]{24}\Z", fullmatch=True), max_size=8))
def test_codes_in_lines_or_with_commas(items: list[str]) -> None:
    once = list(dict.fromkeys(items))
    spaced = [" ".join(item[n : n + 4] for n in range(0, 24, 4)) for item in items]
    assert domain.codes("\r\n".join(spaced)) == once
    assert domain.codes("\n".join(items)) == domain.codes(", ".join(items)) == once


def test_a_form_becomes_a_booking() -> None:
    form = Form({"product": "pishtaz", "weight_g": "۱٬۰۰۰", "cod_rials": "", "length_mm": "10"})
    body = domain.booking_of(form, "KZ00001")
    assert body["weight_g"] == 1_000
    assert body["size"] == {"length_mm": 10}
    assert body["recipient"] == {"name": "", "phone": "", "address": "", "province": ""}
    assert not {"cod_rials", "declared_value_rials"} & body.keys()
    asked = domain.quote_of(form, {"province": "khuzestan", "town": "ahvaz"})
    assert asked["origin_town"] == "ahvaz"
    assert "destination_town" not in asked


RAW = {"key": str(uuid.uuid4()), "kind": "attempt", "barcode": "۶۱۰۰", "occurred_at": "now"}


def test_a_record_becomes_a_request() -> None:
    made = domain.record_of({**RAW, "reason": "absent", "office": "KZ00009", "x": 1}, "KZ00001")
    assert made.path == "/v1/parcels/6100/attempts"
    assert made.body == {
        "event_id": RAW["key"],
        "office": "KZ00001",
        "occurred_at": "now",
        "reason": "absent",
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@FEW
@given(st.dictionaries(st.sampled_from([*RAW, "method"]), JSON), JSON)
def test_what_is_no_record_is_said_to_be_none(changes: dict[str, object], other: object) -> None:
    for raw in ({**RAW, **changes}, other):
        try:
            assert domain.record_of(raw, "KZ00001").path.startswith("/v1/parcels/")
        except NotARecordError:
            continue


@pytest.mark.parametrize(
    ("status", "state"),
    [(200, "done"), (201, "done"), (409, "refused"), (422, "refused"), (404, "refused")]
    + [(status, "later") for status in (401, 408, 429, 500, 502, 503, 504)],
)
def test_what_becomes_of_a_record(status: int, state: str) -> None:
    assert domain.settled(status) == state


def test_the_run_that_is_out_goes_before_planned_ones() -> None:
    planned = [{"id": n, "status": "planned"} for n in range(2)]
    assert domain.newest_run([]) is None
    assert domain.newest_run(planned) == planned[0]
    assert domain.newest_run([*planned, {"id": 9, "status": "out"}]) == {"id": 9, "status": "out"}
