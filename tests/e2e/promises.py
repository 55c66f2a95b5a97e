"""Promise terms and a declared pause that exist, for requests that are to come through."""

from typing import Any, Final

from tests.e2e.people import Make

TARGET: Final = {
    "product": "pishtaz",
    "distance_class": "other",
    "target_hours": 48,
    "clock": "working_days",
    "cutoff": None,
}
FIELDS: Final[dict[str, Any]] = {
    "targets": [TARGET],
    "starts_at": "2150-03-21T08:00:00Z",
    "ends_at": "2150-03-22T08:00:00Z",
}


def make_promises(make: Make) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Path parameters by name, and others for paths that end so."""
    terms = {"code": "known", "valid_from": "2150-03-21", "source": "آزمون", "targets": [TARGET]}
    code = make("/v1/promise-terms", terms)["code"]
    area = {"province": "khuzestan", "starts_at": FIELDS["starts_at"], "reason": "آزمون"}
    paths = {"pause_id": make("/v1/promise-pauses", area)["id"]}
    return paths, {"/promise-terms/{code}": {"code": code}}
