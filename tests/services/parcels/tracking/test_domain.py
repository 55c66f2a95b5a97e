"""Words for everything, and the language that is asked for."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.parcels.tracking.domain import EVENT_TEXTS, STATUS_TEXTS, texts
from services.parcels.vocabulary import Event, Status


def test_everything_has_words_in_both_languages() -> None:
    assert STATUS_TEXTS.keys() == set(Status)
    assert EVENT_TEXTS.keys() == set(Event)
    for persian, english in (*STATUS_TEXTS.values(), *EVENT_TEXTS.values()):
        assert english.isascii()
        assert not any(character.isascii() and character.isalpha() for character in persian)


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("en", "en"),
        ("EN-us,en;q=0.9", "en"),
        ("fa-IR", "fa"),
        ("fa;q=0.4, en;q=0.5", "en"),
        ("en;q=0.5, fa;q=0.5", "en"),
        ("en;q=0", "fa"),
        ("*", "fa"),
        ("de, en;q=0.1", "en"),
        ("english", "fa"),
        ("en;q=nan", "fa"),
        ("", "fa"),
    ],
)
def test_accept_language(accept: str, language: str) -> None:
    assert texts(None, accept).language == language


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.sampled_from(["fa", "en"]))
def test_any_header_is_borne_and_the_parameter_goes_first(accept: str, asked: str) -> None:
    assert texts(None, accept).language in {"fa", "en"}
    assert texts(asked, accept).language == asked
