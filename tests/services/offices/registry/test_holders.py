"""Who holds an office and what it was before, as told when it is created or corrected."""

from typing import Any

import pytest

from tests.conftest import Api
from tests.factories.offices import WRITE, command, create, office

pytestmark = pytest.mark.anyio

PERSON = {"kind": "person", "name": "زهرا کریمی"}
COMPANY = {"kind": "company", "name": "شرکت پیشگامان"}


async def refusal(api: Api, **fields: Any) -> tuple[int, str]:
    headers = api.headers(WRITE)
    answer = await api.client.post("/v1/offices", json=office(**fields), headers=headers)
    return answer.status_code, answer.json()["code"]


async def names(api: Api) -> list[str]:
    rows = await api.database.hot.fetch("SELECT name FROM owner_person ORDER BY name")
    return [row["name"] for row in rows]


async def test_the_owner_is_given_or_follows_from_the_kind(api: Api) -> None:
    assert (await create(api))["owner"] == {"kind": "post", "name": None}
    assert (await create(api, kind="agency"))["owner"] is None
    assert (await create(api, kind="agency", owner=COMPANY))["owner"] == COMPANY
    made = await create(api, kind="agency", owner=PERSON)
    assert made["owner"] == {"kind": "person", "name": None}
    assert await names(api) == ["زهرا کریمی"]
    assert "کریمی" not in str(await api.events())


async def test_a_correction_leaves_no_wrong_name_behind(api: Api) -> None:
    made = await create(api, kind="agency", owner=PERSON)

    async def correct(owner: Any) -> Any:
        return await command(api, made["code"], {"owner": owner}, method="PATCH")

    assert (await correct(PERSON)).json() == made  # no difference, no version
    right = {**PERSON, "name": "زهرا کریم‌زاده"}
    assert (await correct(right)).json() == {**made, "version": 2}
    assert await names(api) == ["زهرا کریم‌زاده"]
    assert (await correct(COMPANY)).json()["owner"] == COMPANY
    assert await names(api) == []
    assert (await correct(None)).status_code == 422
    assert (await correct({"kind": "company"})).status_code == 422


async def test_kinds_of_the_past(api: Api) -> None:
    old = {"kind": "subscriber_office", "valid_until": "2005-01-01"}
    made = await create(api, kind="pishkhan", founded_on="2000-01-01", past_kinds=[old])
    assert (made["kind"], made["founded_on"]) == ("pishkhan", "2000-01-01")
    refused: dict[str, dict[str, Any]] = {
        "historical_kind": {"kind": "subscriber_office"},
        "history_unsound": {"kind": "pishkhan", "past_kinds": [old]},
    }
    for code, fields in refused.items():
        assert await refusal(api, **fields) == (409, code)
    early = {"kind": "pishkhan", "founded_on": "1999-01-01", "past_kinds": [old]}
    assert await refusal(api, **early) == (409, "historical_kind")
    assert await refusal(api, founded_on="2019-03-22") == (409, "history_unsound")
    back = await command(api, made["code"], {"kind": "subscriber_office"}, method="PATCH")
    assert (back.status_code, back.json()["code"]) == (409, "historical_kind")


async def test_bad_fields(api: Api) -> None:
    bad: list[dict[str, Any]] = [
        {"owner": {"kind": "post", "name": "پست"}},
        {"owner": {"kind": "person"}},
        {"owner": {"kind": "person", "name": "\x00\x00"}},
        {"owner": "پست"},
        {"capacity_per_day": 0},
        {"capacity_per_day": 2**31},
        {"capabilities": ["teleport"]},
        {"capabilities": "counter"},
        {"founded_on": "1899-12-31"},
        {"founded_on": "2019-02-30"},
        {"past_kinds": [{"kind": "agency"}]},
        {"past_kinds": [{"kind": "bank", "valid_until": "2005-01-01"}]},
        {"past_kinds": [{"kind": "agency", "valid_until": "2005-01-01"}] * 11},
    ]
    for fields in bad:
        assert await refusal(api, **fields) == (422, "invalid"), fields
