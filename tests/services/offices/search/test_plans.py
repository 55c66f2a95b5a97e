"""At a hundred thousand offices, what is asked for is read off an index."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from services.offices.search import domain, repository
from services.offices.search.repository import Statement, Wanted
from services.offices.search.service import moment
from tests.conftest import Api
from tests.services.offices.search.crowd import CROWD, fill, scans

pytestmark = pytest.mark.anyio

NOW = moment(datetime(2019, 5, 4, 5, 30, tzinfo=UTC))
HERE = (31.3, 48.7)
PHRASE = "پیشخوان تحدر"


async def generic(connection: asyncpg.Connection, statement: Statement) -> set[tuple[str, str]]:
    """How offices are scanned by the plan that the service's connections keep."""
    text, parameters = statement
    nulls = ", ".join(["NULL"] * len(parameters))
    await connection.execute(f"PREPARE asked AS {text}")
    (row,) = await connection.fetch(f"EXPLAIN (FORMAT JSON) EXECUTE asked ({nulls})")
    await connection.execute("DEALLOCATE asked")
    found = scans(json.loads(row[0])[0]["Plan"])
    names = {scan.get("Index Name", scan.get("Relation Name", "")): scan for scan in found}
    return {(name, scan["Node Type"]) for name, scan in names.items() if "office" in name}


def searches() -> dict[str, tuple[Statement, str]]:
    words = domain.words(PHRASE)
    text = Wanted("active", words=words, patterns=[domain.has(word) for word in words])
    return {
        "nearest": (
            repository.nearest_statement(
                Wanted("active", but_kind="sorting_centre", here=HERE), NOW, limit=10
            ),
            "ix_office_point",
        ),
        "within": (
            repository.nearest_statement(
                Wanted("active", here=HERE, chord_max=domain.chord(2000)), NOW, limit=10
            ),
            "ix_office_point",
        ),
        "open": (
            repository.nearest_statement(
                Wanted("active", here=HERE, open_now=True), NOW, limit=10, after=(0.001, 5)
            ),
            "ix_office_point",
        ),
        "ranked": (repository.ranked_statement(text, NOW, limit=51), "ix_office_search_text"),
        "alike": (
            repository.ranked_statement(
                replace(text, patterns=["پیشخوان|پیشخان", "تحدر|تحدد"], alike=True),
                NOW,
                limit=51,
            ),
            "ix_office_search_text",
        ),
        "by name": (
            repository.name_statement(Wanted("active"), NOW, limit=51, after=("x", 5)),
            "ix_office_name_key",
        ),
        "by code": (
            repository.number_statement(Wanted("active"), NOW, limit=51, after=(5,)),
            "pk_office",
        ),
    }


async def test_a_hundred_thousand_offices_are_read_off_an_index(api: Api) -> None:
    owner = await asyncpg.connect(
        api.target.owner_dsn, server_settings={"plan_cache_mode": "force_generic_plan"}
    )
    try:
        await fill(owner)
        assert await owner.fetchval("SELECT count(*) FROM office") == CROWD
        for name, (statement, index) in searches().items():
            found = await generic(owner, statement)
            assert index in {used for used, _ in found}, (name, found)
            assert not [used for used, how in found if how == "Seq Scan"], (name, found)
        (row,) = await owner.fetch(
            f"EXPLAIN (ANALYZE, FORMAT JSON) {searches()['nearest'][0][0]}",
            *searches()["nearest"][0][1],
        )
    finally:
        await owner.close()
    read = [s for s in scans(json.loads(row[0])[0]["Plan"]) if s.get("Index Name")]
    assert next(s for s in read if s["Index Name"] == "ix_office_point")["Actual Rows"] <= 20
    await over_http(api)


async def over_http(api: Api) -> None:
    """And the answers are what the rows say."""

    async def ask(path: str, **params: Any) -> list[dict[str, Any]]:
        answer = await api.client.get(f"/v1/offices/{path}", params=params)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    near = await ask("nearest", latitude=HERE[0], longitude=HERE[1], radius_m=3000, limit=50)
    distances = [item["distance_m"] for item in near]
    assert distances == sorted(distances)
    assert distances[-1] <= 3000
    assert near[:10] == await ask("nearest", latitude=HERE[0], longitude=HERE[1])
    found = await ask("search", q=PHRASE, limit=200)
    assert found
    assert all("تحدر" in item["office"]["name"] for item in found)
