"""Populations and targets that exist, and bodies that come through."""

from typing import Any, Final

from tests.e2e.people import Make

POPULATION: Final = {
    "county": "dezful",
    "valid_from": "2016-10-23",
    "people": 440_000,
    "source": "سرشماری آزمون",
}
TARGET: Final = {"period": "1398-H1", "measure": "within_promise", "value": 9_500}


def make_statistics(make: Make) -> dict[str, Any]:
    """Bodies by whole operations."""
    make("/v1/populations", POPULATION)
    make("/v1/targets", TARGET)
    return {
        "POST /v1/populations": POPULATION,
        "POST /v1/targets": {**TARGET, "county": "dezful", "product": "pishtaz"},
    }
