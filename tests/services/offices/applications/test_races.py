"""Two clerks decide one application at the same instant: exactly one decision."""

import asyncio
import os
from typing import Any, Final

import httpx
import pytest

from tests.conftest import Api
from tests.factories.licensing import SCOPES, letter, meeting, seat

pytestmark = pytest.mark.anyio

RACES: Final = 1_000 if os.environ.get("SUSA_SOAK") == "1" else 50
AT_ONCE: Final = 10

VISITED: Final = """
INSERT INTO application (id, kind, state, proposal, town, latitude, longitude, services, version,
    created_by, filed_at, updated_at)
SELECT gen_random_uuid(), CASE n % 2 WHEN 0 THEN 'pishkhan' ELSE 'rural_ict' END, 'visited', '{}',
    'ahvaz', 31.3, 48.7, '{}', 3, 'test', $2, $2
FROM generate_series(1, $1) n
RETURNING id, kind
"""
AGREED: Final = """
INSERT INTO agenda_item (id, meeting_id, nth, subject_kind, subject_id, matter, outcome,
    decided_at, decided_by, created_by, created_at)
SELECT gen_random_uuid(), $1, row_number() OVER (), 'application', id, 'agree', 'adopted',
    $2, 'test', 'test', $2
FROM application WHERE kind = 'pishkhan'
RETURNING id, subject_id
"""


@pytest.mark.soak
async def test_one_decision(api: Api) -> None:
    """Half by one and the same vote, half by two letters of which one agrees and one refuses."""
    await seat(api)
    open_meeting = await meeting(api, "governor", "regulator")
    made = await api.database.hot.fetch(VISITED, RACES, api.clock.at)
    items = await api.database.hot.fetch(AGREED, open_meeting, api.clock.at)
    item_of = {row["subject_id"]: str(row["id"]) for row in items}
    headers = [api.headers(*SCOPES, sub=f"00000000-0000-7000-8000-00000000000{n}") for n in (1, 2)]

    def bodies(row: Any) -> list[dict[str, Any]]:
        if row["kind"] == "rural_ict":
            return [letter("agree", version=3), letter("refuse", version=3)]
        item = item_of[row["id"]]
        return [{"transition": "agree", "text": "موافقت", "item": item, "version": 3}] * 2

    async def race(row: Any) -> list[int]:
        path = f"/v1/applications/{row['id']}/decisions"
        answers: list[httpx.Response] = await asyncio.gather(
            *(
                api.client.post(path, json=body, headers=clerk)
                for body, clerk in zip(bodies(row), headers, strict=True)
            )
        )
        return sorted(answer.status_code for answer in answers)

    for start in range(0, len(made), AT_ONCE):
        outcomes = await asyncio.gather(*(race(row) for row in made[start : start + AT_ONCE]))
        assert outcomes == [[201, 409]] * len(outcomes)
    counted = await api.database.hot.fetch(
        "SELECT state, count(*) AS n, count(DISTINCT decided_by) AS clerks FROM application"
        " JOIN decision ON subject_id = application.id GROUP BY state"
    )
    assert sum(row["n"] for row in counted) == RACES
    per_application = await api.database.hot.fetchval(
        "SELECT max(n) FROM (SELECT count(*) AS n FROM decision GROUP BY subject_id) AS each"
    )
    assert per_application == 1
    agreed = sum(row["n"] for row in counted if row["state"] == "agreed")
    asked = await api.database.hot.fetchval("SELECT count(*) FROM inquiry")
    assert asked == agreed * 7
    events = await api.database.hot.fetchval(
        "SELECT count(*) FROM outbox WHERE type IN ('application.agreed', 'application.refused')"
    )
    assert events == RACES
