"""Any history, corrected ones too, is an EPCIS document by GS1's own schema."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.parcels.epcis.domain import STEP, Declaration, Fact, document, offset
from services.parcels.epcis.schemas import EpcisDocument
from services.parcels.vocabulary import M40, Event

SCHEMA: Final = Path(__file__).parents[5] / "shared/data/epcis/EPCIS-JSON-Schema.json"
BARCODE: Final = "610000000000000042731729"
NOW: Final = datetime(2019, 3, 21, 8, tzinfo=UTC)

needs_schema = pytest.mark.skipif(
    not SCHEMA.exists(), reason="GS1's schema is not beside the repository (../shared/data/epcis)"
)
FIRST, LAST = datetime(1000, 1, 1), datetime(9998, 12, 31)  # noqa: DTZ001 - as hypothesis asks
modest = settings(max_examples=60, deadline=None)
instants = st.datetimes(FIRST, LAST, timezones=st.just(UTC))
declarations = st.builds(
    Declaration,
    instants,
    st.sampled_from(["did_not_occur", "incorrect_data"]),
    st.lists(st.uuids(), max_size=2).map(tuple),
)
facts = st.builds(
    Fact,
    st.sampled_from(Event),
    st.uuids(),
    st.sampled_from([None, "KZ00001", "AB99999"]),
    instants,
    instants,
    st.none() | st.text(min_size=1, max_size=60),
    st.none() | st.text(min_size=1, max_size=60),
    st.none() | declarations,
)


def wire(made: dict[str, object]) -> dict[str, object]:
    """As a client gets it."""
    model = EpcisDocument.model_validate(made)
    text = model.model_dump_json(by_alias=True, exclude_none=True)
    body: dict[str, object] = json.loads(text)
    return body


def fact(event: Event, minute: int, declaration: Declaration | None = None) -> Fact:
    at = NOW + timedelta(minutes=minute)
    return Fact(event, UUID(int=minute), "KZ00001", at, at, declaration=declaration)


@needs_schema
@modest
@given(st.lists(facts, max_size=6), st.booleans())
def test_validates_against_the_schema_of_gs1(told: list[Fact], cancelled: bool) -> None:
    schema = json.loads(SCHEMA.read_text())
    validator = jsonschema_rs.Draft7Validator(schema, validate_formats=True)
    validator.validate(wire(document(BARCODE, told, cancelled=cancelled, now=NOW)))


@needs_schema
def test_the_schema_would_refuse_another_step() -> None:
    made = wire(document(BARCODE, [fact(Event.ARRIVAL, 1)], cancelled=False, now=NOW))
    made["epcisBody"]["eventList"][0]["bizStep"] = "arrived"  # type: ignore[index]
    schema = json.loads(SCHEMA.read_text())
    with pytest.raises(jsonschema_rs.ValidationError):
        jsonschema_rs.Draft7Validator(schema, validate_formats=True).validate(made)


@modest
@given(instants)
def test_the_offset_is_in_whole_minutes(at: datetime) -> None:
    assert re.fullmatch(r"\+0[345]:[0-5][0-9]", offset(at))


def test_the_offset_follows_tehrans_summer_time() -> None:
    assert offset(datetime(2019, 3, 21, tzinfo=UTC)) == "+03:30"
    assert offset(datetime(2019, 7, 1, tzinfo=UTC)) == "+04:30"
    assert offset(datetime(2026, 7, 1, tzinfo=UTC)) == "+03:30"


def test_every_event_has_its_words() -> None:
    assert STEP.keys() == M40.keys() == set(Event)


def test_a_declared_event_is_told_but_leads_nowhere() -> None:
    wrong = Declaration(NOW, "did_not_occur", (UUID(int=3),))
    told = [
        fact(Event.ACCEPTANCE, 0),
        fact(Event.RETURN_STARTED, 1, wrong),
        fact(Event.DEPARTURE, 3),
    ]
    made = wire(document(BARCODE, told, cancelled=False, now=NOW))
    events = made["epcisBody"]["eventList"]  # type: ignore[index]
    assert events[1]["errorDeclaration"] == {
        "declarationTime": "2019-03-21T08:00:00Z",
        "reason": "did_not_occur",
        "correctiveEventIDs": [events[2]["eventID"]],
    }
    assert [event["disposition"] for event in events] == ["in_progress", "returned", "in_transit"]
