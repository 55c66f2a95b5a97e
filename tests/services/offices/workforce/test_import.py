"""The operator's list sent in bulk: a result a row, and the same list again changes nothing."""

import random
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from services.offices.workforce.domain import PLACES
from services.offices.workforce.repository import HEADCOUNT_SQL
from tests.conftest import START, Api
from tests.factories.offices import create
from tests.factories.workforce import person, read, send

pytestmark = pytest.mark.anyio

KINDS = ("post_office", "sorting_centre", "agency", "pishkhan", "rural_ict")


async def sent(api: Api, rows: list[Any], **headers: str) -> dict[str, Any]:
    answer = await send(api, "people/import", {"rows": rows}, **headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert [result["row"] for result in found["results"]] == list(range(len(rows)))
    return found


def outcomes(found: dict[str, Any]) -> list[str]:
    return [
        result["problem"]["code"] if result["problem"] else result["result"]
        for result in found["results"]
    ]


async def test_a_bad_row_is_named_and_stops_nothing(api: Api) -> None:
    post, agency = [(await create(api, kind=kind))["code"] for kind in ("post_office", "agency")]
    rows: list[Any] = [
        person("1", post, name="مریم احمدی", national_id="0084575948"),
        person("1", agency, employment="agency", valid_from="2019-02-01"),
        person("1", agency, employment="agency", valid_from="2018-02-01"),
        person("2", agency),
        person("3", post, valid_until="2019-02-01"),
        person("3", post, valid_until="2019-03-01"),
        person("4", "KZ00077"),
        person("5", post, national_id="0084575948"),
        person("6", post, role="king"),
        person("7", post, name="م\x00م"),
        "8",
        {"personnel_number": "9"},
        person("10", post),
        person("10", post, valid_until="2019-02-03"),
        person("1", post, name="مريم احمدی"),
        person("1", post, name="زهرا احمدی"),
        person("3", post, name="علی"),
        person("3", post, main=False, role="trainer"),
    ]
    first = await sent(api, rows)
    assert outcomes(first) == [
        "hired",
        "assigned",
        "overlapping_assignment",
        "wrong_place_for_employment",
        "hired",
        "differs_from_record",
        "unknown_office",
        "national_id_taken",
        "invalid",
        "invalid",
        "invalid",
        "invalid",
        "hired",
        "changed",
        "unchanged",
        "differs_from_record",
        "changed",
        "assigned",
    ]
    assert {name: first[name] for name in ("hired", "assigned", "changed", "refused")} == {
        "hired": 3,
        "assigned": 2,
        "changed": 2,
        "refused": 10,
    }
    assert "role" in first["results"][8]["problem"]["detail"]
    events = await api.events()
    assert Counter(e["type"] for e in events if e["type"] != "office.created") == {
        "person.hired": 3
    }
    again = await sent(api, rows)
    assert (again["hired"], again["assigned"], again["changed"], again["refused"]) == (0, 0, 0, 10)
    assert again["unchanged"] == 8
    assert len(await api.events()) == len(events)


async def test_a_list_sent_again_does_not_bring_erased_details_back(api: Api) -> None:
    office = (await create(api))["code"]
    row = person("1", office, name="مریم احمدی")
    await sent(api, [row])
    await send(api, "people/1/end", {"on": "2019-03-01", "reason": "استعفا"})
    assert (await send(api, "people/1/erase")).status_code == 200
    assert outcomes(await sent(api, [row])) == ["unchanged"]
    assert (await read(api, "/v1/workforce/people/1"))["name"] is None
    back = person("1", office, name="مریم احمدی", valid_from="2019-03-15")
    assert outcomes(await sent(api, [back])) == ["assigned"]
    assert (await read(api, "/v1/workforce/people/1"))["name"] == "مریم احمدی"
    key = {"Idempotency-Key": "k"}
    once = [await sent(api, [person("2", office)], **key) for _ in range(2)]
    assert once[0] == once[1]
    other = await send(api, "people/import", {"rows": [person("3", office)]}, **key)
    assert other.status_code == 422
    for rows in ([], [row] * 1001):
        assert (await send(api, "people/import", {"rows": rows})).status_code == 422


def history(rng: random.Random, offices: dict[str, str], people: int) -> list[dict[str, Any]]:
    """Rows of made-up lives: each job in an office that fits, with gaps, ends and successors."""
    rows = []
    for n in range(people):
        day = date(2015, 1, 1) + timedelta(days=rng.randrange(1500))
        for _ in range(rng.randrange(1, 5)):
            employment = rng.choice(list(PLACES))
            kinds = [kind for kind in PLACES[employment] if kind in offices]
            until = day + timedelta(days=rng.randrange(400)) if rng.random() < 0.5 else None
            rows.append(
                person(
                    f"{n:04d}",
                    offices[rng.choice(kinds)],
                    employment=employment,
                    role=rng.choice(["clerk", "courier", "manager"]),
                    valid_from=day.isoformat(),
                    valid_until=until and until.isoformat(),
                    main=rng.random() < 0.9,
                )
            )
            day += timedelta(days=rng.randrange(-50, 500))
    return rows


def at_work(rows: list[dict[str, Any]], refused: set[int], day: str) -> dict[str, dict[str, Any]]:
    """Who has which main job on a day, by number: the latest taken row that began, unless ended."""
    latest: dict[str, dict[str, Any]] = {}
    for n, row in enumerate(rows):
        if n in refused or not row["main"] or row["valid_from"] > day:
            continue
        held = latest.get(row["personnel_number"])
        if held is None or row["valid_from"] > held["valid_from"]:
            latest[row["personnel_number"]] = row
    return {
        number: row
        for number, row in latest.items()
        if row["valid_until"] is None or row["valid_until"] >= day
    }


async def test_the_headcount_is_a_recount_of_any_day(api: Api) -> None:
    rng = random.Random(1397)
    offices = {kind: (await create(api, kind=kind))["code"] for kind in KINDS}
    kind_of = {code: kind for kind, code in offices.items()}
    rows = history(rng, offices, 120)
    found = await sent(api, rows)
    refused = {result["row"] for result in found["results"] if result["result"] == "refused"}
    assert 0 < len(refused) < len(rows) / 2
    for _ in range(8):
        day = (date(2014, 12, 1) + timedelta(days=rng.randrange(3000))).isoformat()
        expected = at_work(rows, refused, day)
        counted = await read(api, "/v1/statistics/workforce", on=day)
        assert counted["total"] == len(expected)
        for table, name, key in (
            ("by_employment", "employment", lambda row: row["employment"]),
            ("by_role", "role", lambda row: row["role"]),
            ("by_office_kind", "kind", lambda row: kind_of[row["office"]]),
        ):
            told = {row[name]: row["count"] for row in counted[table] if row["count"]}
            assert told == Counter(key(row) for row in expected.values())
        listed: list[str] = []
        page = {"next": None}
        while not listed or page["next"]:
            cursor: dict[str, Any] = {"cursor": page["next"]} if page["next"] else {}
            page = await read(api, "/v1/workforce/people", on=day, limit=50, **cursor)
            listed += [item["personnel_number"] for item in page["items"]]
            if not page["items"]:
                break
        assert listed == sorted(expected)


async def test_the_headcount_of_today_and_of_offices_that_were_another_kind(api: Api) -> None:
    offices = {kind: (await create(api, kind=kind))["code"] for kind in KINDS}
    rows = [
        person(f"p{n}", offices["post_office"], employment="payroll" if n < 6 else "contract")
        for n in range(8)
    ]
    rows += [person(f"a{n}", offices["agency"], employment="agency") for n in range(8)]
    rows += [person(f"c{n}", offices["pishkhan"], employment="counter") for n in range(8)]
    assert (await sent(api, rows))["hired"] == 24
    counted = await read(api, "/v1/statistics/workforce")
    assert (counted["on"], counted["total"]) == ("2019-03-21", 24)
    assert counted["outside_state_percent"] == 75.0
    assert counted["by_employment"] == [
        {"employment": "payroll", "count": 6},
        {"employment": "agency", "count": 8},
        {"employment": "counter", "count": 8},
        {"employment": "contract", "count": 2},
    ]
    assert {"kind": "rural_ict", "count": 0} in counted["by_office_kind"]
    await api.database.hot.execute(
        "INSERT INTO office_kind_period SELECT id, 'communication_office', null, null,"
        " date '2019-02-01', 'x', $1 FROM office WHERE code = $2",
        datetime.fromisoformat(START.isoformat()),
        offices["pishkhan"],
    )
    for day, kind in (("2019-02-01", "communication_office"), ("2019-02-02", "pishkhan")):
        counted = await read(api, "/v1/statistics/workforce", on=day)
        assert {"kind": kind, "count": 8} in counted["by_office_kind"]
        assert counted["total"] == 24
    nobody = await read(api, "/v1/statistics/workforce", on="1950-01-01")
    assert (nobody["total"], nobody["outside_state_percent"]) == (0, None)


LIVES_SQL = """
WITH people AS (
    INSERT INTO person SELECT 'P' || n, null, 1, now(), now() FROM generate_series(1, 300) AS n
    RETURNING personnel_number
)
INSERT INTO assignment (personnel_number, employment, role, office_id, main, valid_from,
    valid_until, recorded_by, created_at)
SELECT personnel_number, 'payroll', 'clerk', 1, true, date '2011-01-01' + 365 * k,
    CASE WHEN k < 8 THEN date '2011-01-01' + 365 * k + 364 END, 'test', now()
FROM people, generate_series(1, 8) AS k
"""


async def test_the_headcount_is_read_off_its_index_alone(api: Api) -> None:
    await create(api)
    owner = await asyncpg.connect(api.target.owner_dsn)
    try:
        await owner.execute(LIVES_SQL)
        await owner.execute("VACUUM ANALYZE assignment")
        async with owner.transaction():
            # on a table this small a scan of the whole would win
            await owner.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
            sql = HEADCOUNT_SQL.replace(":on", "date '2019-03-21'")
            plan = "\n".join(row[0] for row in await owner.fetch(f"EXPLAIN {sql}"))
    finally:
        await owner.close()
    assert plan.count("Index Only Scan using ix_assignment_headcount") == 2, plan
    assert "Index Cond: ((valid_until IS NULL) AND (valid_from <=" in plan
    assert "Index Cond: ((valid_until >= '2019-03-21'::date) AND (valid_from <=" in plan
    assert (await read(api, "/v1/statistics/workforce"))["total"] == 300
