"""People from hire to erasure: who works where, on which day, and what is told of it."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from tests.conftest import Api
from tests.factories.offices import create
from tests.factories.workforce import hire, person, read, send

pytestmark = pytest.mark.anyio

DETAILS = {"name": "مریم احمدی", "national_id": "۰۰۸۴۵۷۵۹۴۸", "mobile": "09123456789"}


async def numbers(api: Api, **wanted: Any) -> list[str]:
    page = await read(api, "/v1/workforce/people", **wanted)
    return [item["personnel_number"] for item in page["items"]]


async def test_from_hire_to_erasure(api: Api) -> None:
    first, second = [(await create(api))["code"] for _ in range(2)]
    hired = await hire(api, "۱۰۴۵۱۲", first, **DETAILS)
    assert "name" not in hired
    (job,) = hired["assignments"]
    assert (job["office"], job["valid_from"], job["valid_until"]) == (first, "2019-01-01", None)
    whole = await read(api, "/v1/workforce/people/104512")
    assert (whole["name"], whole["national_id"]) == (DETAILS["name"], "0084575948")
    assert whole["mobile"] == "+989123456789"

    moved = await send(
        api,
        "people/104512/assignments",
        {"employment": "payroll", "role": "sorter", "office": second, "valid_from": "2019-03-01"},
    )
    assert moved.status_code == 201
    ends = [(job["office"], job["valid_until"]) for job in moved.json()["assignments"]]
    assert ends == [(first, "2019-02-28"), (second, None)]
    assert await numbers(api, on="2019-02-28", office=first) == ["104512"]
    assert await numbers(api, on="2019-03-01", office=first) == []
    assert await numbers(api, role="sorter", employment="payroll", office=second) == ["104512"]
    assert await numbers(api, on="2018-12-31") == await numbers(api, office="KZ99999") == []

    early = await send(api, "people/104512/erase")
    assert (early.status_code, early.json()["code"]) == (409, "still_employed")
    left = await send(api, "people/104512/end", {"on": "2019-03-20", "reason": "بازنشستگی"})
    assert left.json()["assignments"][1]["valid_until"] == "2019-03-20"
    assert left.json()["assignments"][0]["valid_until"] == "2019-02-28"
    again = await send(api, "people/104512/end", {"on": "2019-03-20", "reason": "بازنشستگی"})
    assert (again.status_code, again.json()["code"]) == (409, "not_assigned")

    for _ in range(2):
        erased = await send(api, "people/104512/erase")
        assert erased.status_code == 200
        assert erased.json()["erased_at"] is not None
    bare = await read(api, "/v1/workforce/people/104512")
    assert (bare["name"], bare["national_id"], bare["mobile"]) == (None, None, None)
    assert bare["assignments"] == left.json()["assignments"]
    assert await api.database.hot.fetchval("SELECT count(*) FROM person_detail") == 0

    events = await api.events("person.hired", "person.assigned", "person.left", "person.erased")
    told = [(event["type"], event["data"]["person"]["version"]) for event in events]
    assert told == [
        ("person.hired", 1),
        ("person.assigned", 2),
        ("person.left", 3),
        ("person.erased", 4),
    ]
    assert {event["subject"] for event in events} == {"104512"}
    for event in events:
        assert not any(text in str(event) for text in ("مریم", "0084575948", "9123456789"))


async def test_details_change_alone_and_national_ids_are_one_persons(api: Api) -> None:
    office = (await create(api))["code"]
    await hire(api, "1", office, **DETAILS)
    await hire(api, "2", office)
    taken = await send(api, "people/2", {"national_id": "0084575948"}, method="PATCH")
    assert (taken.status_code, taken.json()["code"]) == (409, "national_id_taken")
    assert "number 1 " in taken.json()["detail"]
    changed = await send(api, "people/1", {"national_id": None, "name": "م. احمدی"}, method="PATCH")
    assert (changed.json()["name"], changed.json()["national_id"]) == ("م. احمدی", None)
    assert changed.json()["mobile"] == "+989123456789"
    same = await send(api, "people/1", {"name": "م. احمدی"}, method="PATCH")
    assert same.json()["version"] == changed.json()["version"] == 2
    assert (await send(api, "people/2", {"national_id": "0084575948"}, method="PATCH")).is_success
    assert len(await api.events("person.changed")) == 2


async def test_of_two_hires_at_once_one_wins(api: Api) -> None:
    office = (await create(api))["code"]
    for number in ("1", "2", "3"):
        answers = await asyncio.gather(
            *(send(api, "people", person(number, office)) for _ in range(3))
        )
        assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    answers = await asyncio.gather(
        *(
            send(api, "people", person(number, office, national_id="0084575948"))
            for number in ("4", "5")
        )
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    key = {"Idempotency-Key": "a"}
    once = [await send(api, "people", person("9", office), **key) for _ in range(2)]
    assert once[0].content == once[1].content
    assert len(await api.events("person.hired")) == 5


async def test_transfers_at_once_leave_one_main_assignment_a_day(api: Api) -> None:
    offices = [(await create(api))["code"] for _ in range(2)]
    await hire(api, "1", offices[0])
    answers = await asyncio.gather(
        *(
            send(
                api,
                "people/1/assignments",
                {
                    "employment": "payroll",
                    "role": "driver",
                    "office": offices[n % 2],
                    "valid_from": f"2019-02-{n + 1:02d}",
                },
            )
            for n in range(8)
        )
    )
    done = sum(answer.status_code == 201 for answer in answers)
    assert {answer.status_code for answer in answers} <= {201, 409}
    jobs = (await read(api, "/v1/workforce/people/1"))["assignments"]
    assert len(jobs) == done + 1 >= 2
    for day in range(1, 10):
        assert len(await numbers(api, on=f"2019-02-{day:02d}")) == 1
    assert [job["valid_until"] for job in jobs].count(None) == 1


async def test_what_was_recorded_by_mistake_counts_nowhere(api: Api) -> None:
    office = (await create(api))["code"]
    made = await hire(api, "1", office, valid_from="2019-06-01")
    path = f"people/1/assignments/{made['assignments'][0]['id']}"
    planned = await send(api, f"{path}/end", {"on": "2019-05-01", "reason": "انصراف"})
    assert (planned.status_code, planned.json()["code"]) == (409, "ends_before_it_starts")
    voided = await send(api, f"{path}/void", {"reason": "اشتباه ثبت"})
    assert voided.json()["assignments"][0]["void_reason"] == "اشتباه ثبت"
    again = await send(api, f"{path}/void", {"reason": "اشتباه ثبت"})
    assert (again.status_code, again.json()["code"]) == (409, "already_void")
    assert await numbers(api, on="2019-07-01") == []
    beside = await send(
        api,
        "people/1/assignments",
        person("1", office, main=False, role="trainer") | {"personnel_number": None},
    )
    assert beside.status_code == 422
    body = {"employment": "payroll", "role": "trainer", "office": office, "main": False}
    for role in ("trainer", "guard"):
        job = {**body, "role": role, "valid_from": "2019-01-01"}
        assert (await send(api, "people/1/assignments", job)).status_code == 201
    assert await numbers(api) == []
    assert await numbers(api, main="false", limit=1) == ["1"]
    assert await numbers(api, main="false") == ["1", "1"]
    ended = await send(
        api,
        f"people/1/assignments/{made['assignments'][0]['id'] + 1}/end",
        {"on": "2019-02-01", "reason": "پایان دوره"},
    )
    assert ended.status_code == 200
    assert len(await numbers(api, main="false")) == 1
    hot = api.database.hot
    for statement in (
        "DELETE FROM assignment",
        "UPDATE assignment SET valid_from = '2018-01-01'",
        "DELETE FROM person",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await hot.execute(statement)


async def test_the_place_must_fit_the_employment_and_be_open(api: Api) -> None:
    post, counter = [(await create(api, kind=kind))["code"] for kind in ("post_office", "pishkhan")]
    wrong = await send(api, "people", person("1", counter))
    assert (wrong.status_code, wrong.json()["code"]) == (409, "wrong_place_for_employment")
    assert "choose such an office, or the employment counter" in wrong.json()["detail"]
    unknown = await send(api, "people", person("1", "KZ99999"))
    assert (unknown.status_code, unknown.json()["code"]) == (409, "unknown_office")
    await api.database.hot.execute("UPDATE office SET status = 'closed' WHERE code = $1", post)
    closed = await send(api, "people", person("1", post))
    assert (closed.status_code, closed.json()["code"]) == (409, "office_closed")
    await hire(api, "1", post, valid_until="2019-02-01")
    await hire(api, "2", counter, employment="counter")
    # on the first day it was an agency, as the registry remembers
    await api.database.hot.execute(
        "INSERT INTO office_kind_period SELECT id, 'agency', null, null, date '2018-12-31', 'x', $1"
        " FROM office WHERE code = $2",
        datetime(2019, 1, 1, tzinfo=UTC),
        counter,
    )
    assert (await send(api, "people", person("3", counter, employment="agency"))).status_code == 409
    await hire(api, "3", counter, employment="agency", valid_from="2018-06-01")
    for on in ("2018-12-31", "2019-01-15", "2019-03-01"):
        counted = await read(api, "/v1/statistics/workforce", on=on)
        for row in counted["by_office_kind"]:
            assert len(await numbers(api, on=on, kind=row["kind"])) == row["count"], (on, row)
    assert await numbers(api, on="2018-12-31", kind="agency") == ["3"]
    assert await numbers(api, on="2019-01-15", kind="pishkhan") == ["2", "3"]


PATHS: list[tuple[str, str, Any]] = [
    ("GET", "people", None),
    ("GET", "people/1", None),
    ("POST", "people", person("1", "KZ00001")),
    ("POST", "people/import", {"rows": [{}]}),
    ("PATCH", "people/1", {"name": "ب ب"}),
    ("POST", "people/1/assignments", {}),
    ("POST", "people/1/end", {"on": "2019-01-01", "reason": "پایان"}),
    ("POST", "people/1/erase", None),
]


async def test_only_staff_with_the_scope_may(api: Api) -> None:
    for method, path, body in PATHS:
        url = f"/v1/workforce/{path}"
        anonymous = await api.client.request(method, url, json=body)
        other = await api.client.request(
            method, url, json=body, headers=api.headers("offices:write")
        )
        assert (anonymous.status_code, other.status_code) == (401, 403), path
    assert (await api.client.get("/v1/statistics/workforce")).status_code == 401
    assert (await api.client.get("/v1/workforce/vocabulary")).status_code == 200
    for method, path, body in PATHS:
        if "people/1" in path and path != "people/1/assignments":
            answer = await send(api, path, body, method=method)
            assert (answer.status_code, answer.json()["code"]) == (404, "person_not_found"), path


BAD_FIELDS: list[tuple[str, Any]] = [
    ("personnel_number", "کارمند"),
    ("personnel_number", "1\x00"),
    ("employment", "state"),
    ("role", "king"),
    ("valid_from", "1397-01-01"),
    ("valid_from", 5),
    ("valid_until", "2018-12-31"),
    ("national_id", "0684159415"),
    ("mobile", "06133334444"),
    ("name", "\ud800"),
    ("colour", "red"),
]


async def test_what_must_be_refused(api: Api) -> None:
    headers = {**api.headers("workforce:write"), "Content-Type": "application/json"}
    for field, value in BAD_FIELDS:
        body = json.dumps(person("1", "KZ00001") | {field: value}).encode()
        answer = await api.client.post("/v1/workforce/people", content=body, headers=headers)
        assert answer.status_code == 422, (field, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
    for cursor in ("W10", "WyJhIiwiYiJd", "WzEsIDJd", "WyJcXHVkODAwIiwgMV0", "é"):
        listed = await send(api, f"people?cursor={cursor}", method="GET")
        assert listed.status_code == 422


async def test_who_works_at_one_office_sees_its_people_alone(api: Api) -> None:
    """With their certificates; of others not even that they are there."""
    first, second = [(await create(api))["code"] for _ in range(2)]
    await hire(api, "1", first, **DETAILS)
    await hire(api, "2", second)
    await hire(api, "3", first, valid_until="2019-03-20")
    course = {"code": "safety", "name": "ایمنی", "name_en": "Safety"}
    assert (await send(api, "courses", course)).status_code == 201
    for number in ("1", "2"):
        certificate = {"personnel_number": number, "course": "safety", "number": f"C-{number}"}
        dated = {"issued_on": "2019-01-01", "expires_on": "2020-01-01"}
        assert (await send(api, "certificates", certificate | dated)).status_code == 201

    async def seen(path: str, **params: Any) -> Any:
        headers = api.headers("workforce:read", kind="staff", office=first)
        answer = await api.client.get(f"/v1/workforce/{path}", params=params, headers=headers)
        return answer.json().get("code") or answer.json()

    for params in ({}, {"office": first}):
        assert [one["personnel_number"] for one in (await seen("people", **params))["items"]] == [
            "1"
        ]
    assert await seen("people", office=second) == "forbidden"
    assert (await seen("people/1"))["name"] == DETAILS["name"]
    expiring = await seen("certificates")
    assert [one["number"] for one in expiring["items"]] == ["C-1"]
    assert len((await seen("people/1/certificates"))["items"]) == 1
    for number in ("2", "3", "404"):  # another's, one who left, nobody
        for rest in ("", "/certificates"):
            assert await seen(f"people/{number}{rest}") == "person_not_found"
