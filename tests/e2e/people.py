"""Associations and people that exist, for requests that are to come through."""

from collections.abc import Callable
from typing import Any, Final

FIRST_DAY: Final = "1900-01-01"

Make = Callable[[str, Any], Any]


def make_associations(make: Make) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Path parameters by name, and others for paths that end so."""
    names = {"name": "انجمن آزمون", "name_en": "Test association"}
    own = make("/v1/associations", {"level": "provincial", "province": "khuzestan", **names})["id"]
    names = {"name": "کانون آزمون", "name_en": "Test federation"}
    federation = make("/v1/associations", {"level": "federation", **names})["id"]
    member = {"association": own, "valid_from": FIRST_DAY}
    running = make(f"/v1/associations/{federation}/members", member)["id"]
    names = {"name": "انجمن بی‌کانون", "name_en": "Association without a federation"}
    joins = make("/v1/associations", {"level": "provincial", "province": "ilam", **names})["id"]
    person = {"name": "رضا کریمی", "valid_from": FIRST_DAY}
    speaks, spoke = (
        make(f"/v1/associations/{own}/representatives", {**person, "valid_until": until})["id"]
        for until in (None, "2000-01-01")
    )
    special = {
        "/members": {"association_id": federation},
        "/members/{membership_id}/end": {"association_id": federation, "membership_id": running},
        "/representatives/{representative_id}/erase": {"representative_id": spoke},
    }
    return {"association_id": own, "representative_id": speaks, "member": joins}, special


def make_people(make: Make, office: str) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """The same of people; `office` is one where people on the payroll work."""
    job = {"employment": "payroll", "role": "clerk", "office": office, "valid_from": FIRST_DAY}

    def hire(number: str, **more: Any) -> Any:
        return make("/v1/workforce/people", {**job, "personnel_number": number, **more})

    hire("E2E1")
    for _ in ("ends", "void"):
        whole = make("/v1/workforce/people/E2E1/assignments", {**job, "main": False})
    _, ends, void = (str(one["id"]) for one in whole["assignments"])
    for number, until in (("E2E2", None), ("E2E3", "2000-01-01")):
        hire(number, valid_until=until)
    course = {"code": "e2e-course", "name": "دوره آزمون", "name_en": "Test course"}
    make("/v1/workforce/courses", course)
    certificate = make(
        "/v1/workforce/certificates",
        {
            "personnel_number": "E2E1",
            "course": "e2e-course",
            "number": "E2E",
            "issued_on": "2019-01-01",
        },
    )["id"]
    paths = {
        "personnel_number": "E2E1",
        "assignment_id": ends,
        "course": "e2e-course",
        "certificate_id": certificate,
    }
    special = {
        "/void": {"assignment_id": void},
        "/people/{personnel_number}/end": {"personnel_number": "E2E2"},
        "/people/{personnel_number}/erase": {"personnel_number": "E2E3"},
    }
    return paths, special
