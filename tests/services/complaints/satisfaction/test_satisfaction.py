"""Satisfaction by office, county, product and period, through the API."""

import random
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import pytest

from services.complaints.satisfaction import service
from services.complaints.satisfaction.domain import wilson
from tests.conftest import START, Api
from tests.services.complaints.surveys.conftest import (
    STAFF,
    Answering,
    Deliver,
    answer,
    deliver,
    delivered,
    invitations,
    rule,
)

pytestmark = pytest.mark.anyio
__all__ = ["answer", "deliver"]

PATH = "/v1/statistics/satisfaction"
OFFICES = {"KZ00012": "ahvaz", "KZ00013": "ahvaz", "KZ00014": "dezful"}


async def ask(api: Api, query: str, path: str = PATH) -> dict[str, Any]:
    got = await api.client.get(f"{path}?{query}", headers=api.headers("reports:read"))
    assert got.status_code == 200, got.text
    return cast("dict[str, Any]", got.json())


async def clean(api: Api) -> bool:
    found = await api.client.get(f"{PATH}/recount", headers=api.headers("reports:read"))
    return bool(found.json()["clean"])


def office_event(code: str, county: str, version: int) -> dict[str, Any]:
    office = {"code": code, "name": f"دفتر {code}", "county": county, "version": version}
    return {"type": "office.changed", "data": {"office": {**office, "kind": "agency"}}}


async def follow(api: Api, *events: dict[str, Any]) -> None:
    async with api.database.transaction() as session:
        await service.OFFICES.handle(session, list(events))


async def put_answers(api: Api, scores: list[tuple[str, int]]) -> None:
    """Answers straight into the tables, for counts too large to be sent one by one."""
    for survey, score in scores:
        await api.database.hot.execute(
            "INSERT INTO survey_answer (invitation_id, score, answered_at, recorded_at)"
            " VALUES ($1, $2, now(), now())",
            UUID(survey),
            score,
        )


class TestReport:
    async def test_of_offices_counties_and_products(
        self, api: Api, deliver: Deliver, answer: Answering
    ) -> None:
        await rule(api)
        await follow(api, *(office_event(code, county, 2) for code, county in OFFICES.items()))
        await follow(api, office_event("KZ00014", "abadan", 1))  # older than what is known
        before = START - timedelta(days=3)
        items = [
            delivered(n, office="KZ00012" if n < 31 else "KZ00013" if n < 62 else "KZ00014")
            for n in range(66)
        ]
        found = await deliver(*items, delivered(70, before), delivered(71, before, product="adi"))
        for n, one in enumerate(found[:64]):
            bad = n % 3 == 0 if n < 31 else n % 10 == 0
            assert (await answer(one, 2 if bad else 4 + n % 2)).status_code == 200
        await answer(found[66], 5)
        await answer(found[67], 1)

        year = await ask(api, "period=1398&by=office")
        assert (year["period"], year["previous"], year["by"]) == ("1398", "1397", "office")
        total, previous = year["total"], year["total"]["previous"]
        assert (total["occasions"], total["invited"], total["answered"]) == (66, 66, 64)
        assert total["response_percent"] == 96.97
        assert sum(total["scores"]) == 64
        assert total["satisfied"] == total["scores"][3] + total["scores"][4]
        interval = wilson(total["satisfied"], 64)
        assert interval is not None
        assert total["low_percent"] == round(100 * interval.low, 2)
        assert total["high_percent"] == round(100 * interval.high, 2)
        assert (previous["answered"], previous["satisfied_percent"]) == (2, 50.0)
        told = [(row["key"], row["name"], row["rank"], row["small"]) for row in year["rows"]]
        assert told == [
            ("KZ00012", "دفتر KZ00012", 2, False),
            ("KZ00013", "دفتر KZ00013", 1, False),
            ("KZ00014", "دفتر KZ00014", None, True),  # all of two are satisfied, but two are few
        ]
        counties = await ask(api, "period=1398-01&by=county&compared=year_before")
        assert [(row["key"], row["answered"]) for row in counties["rows"]] == [
            ("ahvaz", 62),
            ("dezful", 2),
        ]
        assert counties["previous"] == "1397-01"
        assert counties["total"]["previous"]["answered"] == 0
        products = await ask(api, "period=1398-H1&by=product&office=KZ00012&county=ahvaz")
        (adi, pishtaz) = products["rows"]
        assert (adi["key"], adi["answered"], adi["previous"]["answered"]) == ("adi", 0, 1)
        assert (pishtaz["answered"], pishtaz["previous"]["satisfied_percent"]) == (31, 100.0)
        cases = await ask(api, "period=1398&kind=case")
        assert (cases["total"]["invited"], cases["total"]["satisfied_percent"]) == (0, None)
        assert cases["rows"] == []

    async def test_pages_by_key(self, api: Api, deliver: Deliver) -> None:
        await rule(api)
        await deliver(delivered(1, office=None), delivered(2), delivered(3, office="KZ00013"))
        keys: list[str] = []
        path: str | None = f"{PATH}?period=1398&by=office&limit=1"
        while path:
            got = await api.client.get(path, headers=api.headers("reports:read"))
            keys += [row["key"] for row in got.json()["rows"]]
            path = got.links.get("next", {}).get("url")
        assert keys == ["", "KZ00012", "KZ00013"]

    async def test_refusals(self, api: Api) -> None:
        for query in (
            "",
            "period=1398-01-01",
            "period=x",
            "period=1398&by=town",
            "period=1&kind=x",
        ):
            got = await api.client.get(f"{PATH}?{query}", headers=api.headers("reports:read"))
            assert got.status_code == 422, query
        assert (await api.client.get(f"{PATH}?period=1398")).status_code == 401
        other = api.headers("complaints:read")
        assert (await api.client.get(f"{PATH}?period=1398", headers=other)).status_code == 403


class TestRollups:
    async def test_equal_a_recount_after_any_steps(
        self, api: Api, deliver: Deliver, answer: Answering
    ) -> None:
        """Deliveries, withdrawals, answers and codes in an order drawn by lot."""
        await rule(api, rate_basis_points=7_000)
        draw = random.Random(5)
        told: list[dict[str, Any]] = []
        for step in range(12):
            at = START - timedelta(days=draw.randrange(60))
            new = [
                delivered(
                    step * 10 + n,
                    at,
                    office=draw.choice([*OFFICES, None]),
                    product=draw.choice(["adi", "vijeh"]),
                )
                for n in range(5)
            ]
            told += new
            gone = [
                {**item, "status": "accepted", "previous": "delivered", "withdrawn": True}
                for item in draw.sample(told, min(2, len(told)))
            ]
            found = await deliver(*new, *gone)
            for one in draw.sample(found, min(3, len(found))):
                await answer(one, draw.randint(1, 5), draw.choice([None, "دیر", "گران و دیر", "؟"]))
            if step % 4 == 3:
                assert await clean(api)
        listed = await api.client.get("/v1/survey-answers?score_max=3", headers=api.headers(*STAFF))
        for one in listed.json()["items"]:
            path = f"/v1/survey-answers/{one['id']}/categories"
            body = {"categories": draw.sample(["loss", "delay", "price"], draw.randint(0, 2))}
            await api.client.put(path, json=body, headers=api.headers(*STAFF))
        assert await clean(api)
        told_of = await ask(api, "period=1397&by=office")
        assert sum(row["answered"] for row in told_of["rows"]) == told_of["total"]["answered"] > 5

    async def test_a_recount_finds_what_is_wrong(self, api: Api, deliver: Deliver) -> None:
        await rule(api)
        await deliver(delivered(1))
        (one,) = await invitations(api)
        await put_answers(api, [(one["id"], 2)])
        got = await ask(api, "", f"{PATH}/recount")
        assert got == {
            "satisfaction_differing": 2,  # one row as it is, one as it should be
            "reasons_differing": 1,
            "clean": False,
        }

    async def test_reasons_beside_those_of_before(
        self, api: Api, deliver: Deliver, answer: Answering
    ) -> None:
        await rule(api)
        moments: list[datetime] = [START, START, START, START - timedelta(days=5)]
        found = await deliver(*(delivered(n, at) for n, at in enumerate(moments)))
        for one, said in zip(found, ("دیر و گران", "دیر", None, "دیر"), strict=True):
            await answer(one, 2, said)
        reasons = await ask(api, "period=1398", f"{PATH}/reasons")
        assert (reasons["unsatisfied"], reasons["previous_unsatisfied"]) == (3, 1)
        rows = {row["category"]: row for row in reasons["rows"]}
        assert list(rows) == ["delay", "price", "uncoded"]
        assert (rows["delay"]["answers"], rows["delay"]["percent"]) == (2, 66.67)
        assert rows["delay"]["previous_percent"] == 100.0
