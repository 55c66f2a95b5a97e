"""Invitations and answers, through the API."""

import asyncio
import os
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from services.complaints.surveys import service
from services.complaints.surveys.domain import is_chosen
from shared.identifiers import format_barcode
from tests.conftest import START, Api
from tests.services.complaints.conftest import OFFICE, File, secret
from tests.services.complaints.conftest import STAFF as CASE_STAFF
from tests.services.complaints.surveys.conftest import (
    STAFF,
    Answering,
    Deliver,
    consume,
    delivered,
    invitations,
    rule,
)

pytestmark = pytest.mark.anyio

RACERS = 1_000 if os.environ.get("SUSA_SOAK") == "1" else 12


def link(invited: dict[str, Any]) -> dict[str, str]:
    return {"Susa-Survey-Secret": invited["secret"]}


async def recounted(api: Api) -> bool:
    got = await api.client.get(
        "/v1/statistics/satisfaction/recount", headers=api.headers("reports:read")
    )
    clean: bool = got.json()["clean"]
    return clean


async def closed(api: Api, file: File, **changes: Any) -> dict[str, Any]:
    filed = await file(**changes)
    headers = api.headers(*CASE_STAFF)
    path = f"/v1/complaints/{filed['number']}"
    await api.client.post(f"{path}/answers", json={"text": "بررسی شد"}, headers=headers)
    assert (await api.client.post(f"{path}/close", headers=headers)).status_code == 200
    return filed


class TestInvitations:
    async def test_a_sample_of_deliveries_is_invited_once(self, api: Api, deliver: Deliver) -> None:
        assert await deliver(delivered(1)) == []  # no rule, no sample
        assert (await rule(api, rate_basis_points=5_000)).status_code == 201
        items = [delivered(n, product="adi" if n % 2 else "vijeh") for n in range(2, 60)]
        found = await deliver(*items, delivered(60, office=None))
        chosen = [
            item["barcode"]
            for item in items
            if is_chosen(item["barcode"], OFFICE, item["product"], "s", 5_000)
        ]
        assert 15 < len(chosen) < 45
        about = [one["subject"] for one in found if one["office"] is not None]
        assert about == chosen
        assert len(await deliver(*items)) == len(found)  # told again, nobody is asked again
        (event, *more) = await api.events("survey.invited")
        assert more == []
        assert [item["subject"] for item in event["data"]["items"]][: len(chosen)] == chosen
        assert "secret" not in str(event)
        dump = str(await api.database.hot.fetch("SELECT i::text FROM survey_invitation i"))
        assert not any(one["secret"] in dump for one in found)
        assert await recounted(api)

    async def test_the_closest_rule_of_the_day_holds(self, api: Api, deliver: Deliver) -> None:
        await rule(api, rate_basis_points=0)
        await rule(api, office=OFFICE, rate_basis_points=0, valid_until="2019-03-20")
        await rule(api, office=OFFICE, product="adi", rate_basis_points=10_000)
        yesterday = START - timedelta(days=1)
        found = await deliver(
            delivered(1, product="adi"),
            delivered(2, product="adi", office="KZ00013"),
            delivered(3),
            delivered(4, yesterday),
        )
        assert [one["subject"] for one in found] == [format_barcode(1)]

    async def test_a_delivery_that_did_not_occur_is_taken_back(
        self, api: Api, deliver: Deliver, answer: Answering
    ) -> None:
        await rule(api)
        invited, kept = await deliver(delivered(1), delivered(2))
        assert (await answer(kept, 5)).status_code == 200
        back: dict[str, Any] = {
            "status": "out_for_delivery",
            "previous": "delivered",
            "declared": "incorrect_data",
        }
        found = await deliver(delivered(1, **back), delivered(2, **back), event="parcel.corrected")
        assert [one["state"] for one in found] == ["withdrawn", "answered"]
        refused = await answer(invited, 4)
        assert (refused.status_code, refused.json()["code"]) == (410, "survey_over")
        assert await recounted(api)
        (event,) = await api.events("survey.withdrawn")
        assert [item["id"] for item in event["data"]["items"]] == [invited["id"]]

    async def test_a_closed_case_is_asked_about_by_its_own_link(
        self, api: Api, file: File, answer: Answering
    ) -> None:
        filed = await closed(api, file, about={"kind": "office", "office": OFFICE})
        parcel = await closed(api, file)
        first, second = await invitations(api, kind="case")
        assert (first["subject"], first["office"]) == (filed["number"], OFFICE)
        assert (second["office"], second["product"]) == (OFFICE, "pishtaz")  # from its snapshot
        path = f"/v1/complaints/{filed['number']}/survey"
        got = await api.client.get(path, headers=secret(filed))
        assert got.headers["cache-control"] == "no-store"
        assert got.json()["secret"] == first["secret"]
        assert (await api.client.get(path, headers=secret(parcel))).status_code == 404
        assert (await answer(got.json(), 2, "پاسخ دیر رسید")).status_code == 200
        opened = await file()
        path = f"/v1/complaints/{opened['number']}/survey"
        none = await api.client.get(path, headers=secret(opened))
        assert (none.status_code, none.json()["code"]) == (404, "survey_unknown")
        assert await recounted(api)

    async def test_links_are_for_who_sends_them(self, api: Api, deliver: Deliver) -> None:
        await rule(api)
        await deliver(delivered(1))
        assert (await api.client.get("/v1/surveys")).status_code == 401
        reader = api.headers("complaints:read", "surveys:write")
        assert (await api.client.get("/v1/surveys", headers=reader)).status_code == 403
        found = await invitations(api, subject=format_barcode(1), answered=False)
        assert len(found) == 1
        assert await invitations(api, subject="x") == await invitations(api, answered=True) == []


class TestAnswer:
    async def test_is_given_once(self, api: Api, deliver: Deliver, answer: Answering) -> None:
        await rule(api)
        (invited,) = await deliver(delivered(1))
        path = f"/v1/surveys/{invited['id']}"
        survey = (await api.client.get(path, headers=link(invited))).json()
        assert (survey["state"], survey["answer"]) == ("open", None)
        assert survey["expires_at"] == "2019-04-20T08:00:00Z"
        first = await answer(invited, 2, "  نامه‌رسان دیر آمد ")
        assert first.status_code == 200
        assert first.json()["answer"]["words"] == "نامه‌رسان دیر آمد"
        again = await answer(invited, 2, "نامه‌رسان دیر آمد")
        assert again.content == first.content
        other = await answer(invited, 5)
        assert (other.status_code, other.json()["code"]) == (409, "survey_answered")
        (event,) = await api.events("survey.answered")
        assert (event["data"]["survey"]["score"], event["data"]["survey"]["categories"]) == (
            2,
            ["delay"],
        )
        assert "نامه" not in str(event)
        for statement in ("UPDATE survey_answer SET score = 5", "DELETE FROM survey_answer"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await api.database.hot.execute(statement)

    async def test_needs_its_own_secret(
        self, api: Api, deliver: Deliver, answer: Answering
    ) -> None:
        await rule(api)
        one, other = await deliver(delivered(1), delivered(2))
        wrong = await answer({**one, "secret": other["secret"]}, 5)
        absent = await answer({**one, "id": "5f0d7c3e-6a0b-5a3e-9d53-2c6a1c7f4b21"}, 5)
        bare = await api.client.put(f"/v1/surveys/{one['id']}/answer", json={"score": 5})
        staff = await api.client.get(f"/v1/surveys/{one['id']}", headers=api.headers(*STAFF))
        for got in (wrong, absent, bare, staff):
            assert (got.status_code, got.content) == (404, wrong.content)

    async def test_comes_in_time(self, api: Api, deliver: Deliver, answer: Answering) -> None:
        await rule(api)
        (invited,) = await deliver(delivered(1))
        api.clock.at = START + timedelta(days=30)
        late = await answer(invited, 5)
        assert (late.status_code, late.json()["code"]) == (410, "survey_over")
        assert (await invitations(api))[0]["state"] == "expired"

        async def backfilled(at: Any, *scopes: str) -> Any:
            body = {"score": 4, "occurred_at": at.isoformat()}
            headers = link(invited) | (api.headers(*scopes) if scopes else {})
            path = f"/v1/surveys/{invited['id']}/answer"
            return await api.client.put(path, json=body, headers=headers)

        day = START + timedelta(days=1)
        assert (await backfilled(day)).status_code == 403
        assert (await backfilled(START - timedelta(days=1), "backfill")).status_code == 422
        assert (await backfilled(api.clock.at, "backfill")).status_code == 410
        given = await backfilled(day, "backfill")
        assert given.json()["answer"]["answered_at"] == "2019-03-22T08:00:00Z"

    async def test_racers_leave_one(self, api: Api, deliver: Deliver, answer: Answering) -> None:
        await rule(api)
        (invited,) = await deliver(delivered(1))
        gate = asyncio.Semaphore(50)

        async def race(n: int) -> Any:
            async with gate:
                return await answer(invited, n % 5 + 1, f"مسابقه {n}")

        raced = await asyncio.gather(*(race(n) for n in range(RACERS)))
        statuses = [got.status_code for got in raced]
        assert sorted(set(statuses)) == [200, 409]
        assert statuses.count(200) == 1
        assert await api.database.hot.fetchval("SELECT count(*) FROM survey_answer") == 1
        assert len(await api.events("survey.answered")) == 1
        assert await recounted(api)

    async def test_meets_a_delivery_that_is_taken_back(
        self, api: Api, deliver: Deliver, answer: Answering
    ) -> None:
        """Either it was answered before, and stays, or it is over: never both, never neither."""
        await rule(api)
        found = await deliver(*(delivered(n) for n in range(8)))
        back: dict[str, Any] = {"status": "accepted", "previous": "delivered", "withdrawn": True}
        *answers, _ = await asyncio.gather(
            *(answer(one, 5) for one in found),
            deliver(*(delivered(n, **back) for n in range(8))),
        )
        states = {one["id"]: one["state"] for one in await invitations(api)}
        for one, got in zip(found, answers, strict=True):
            told = {200: "answered", 410: "withdrawn"}
            assert states[one["id"]] == told[got.status_code]
        assert await recounted(api)

    async def test_is_checked(self, api: Api) -> None:
        path = "/v1/surveys/5f0d7c3e-6a0b-5a3e-9d53-2c6a1c7f4b21/answer"
        bad: list[dict[str, Any]] = [{}, {"score": 0}, {"score": 6}, {"score": 5, "words": ""}]
        for body in [*bad, {"score": 5, "x": 1}, {"score": 5, "words": "a\x00"}]:
            assert (await api.client.put(path, json=body)).status_code == 422, body


class TestWords:
    async def test_are_found_however_they_are_spelt(
        self, api: Api, deliver: Deliver, answer: Answering
    ) -> None:
        await rule(api)
        first, second, third = await deliver(*(delivered(n) for n in (1, 2, 3)))
        await answer(first, 1, "نامه‌رسان بي‌ادب بود و بسته شكسته رسيد")
        await answer(second, 3, "قيمت گران است")
        await answer(third, 5, "نامه رسان خوش‌برخورد")

        async def found(**query: Any) -> list[str]:
            got = await api.client.get(
                "/v1/survey-answers", params=query, headers=api.headers("complaints:read")
            )
            assert got.status_code == 200, got.text
            return [one["id"] for one in got.json()["items"]]

        assert await found(words="نامه‌رسان") == [third["id"], first["id"]]
        assert await found(words="بسته شکست") == [first["id"]]
        assert await found(words="گران", score_max=2) == []
        assert await found(category="price", product="pishtaz", kind="delivery") == [second["id"]]
        assert await found(category="conduct", office=OFFICE, period="1398-01") == [first["id"]]
        assert await found(period="1397", limit=1) == []
        assert await found(category="uncoded") == []
        for query in ("words=!", "words=", "period=1398-01-01", "score_max=9", "cursor=x"):
            got = await api.client.get(
                f"/v1/survey-answers?{query}", headers=api.headers("complaints:read")
            )
            assert got.status_code == 422, query

    async def test_are_coded_by_staff(self, api: Api, deliver: Deliver, answer: Answering) -> None:
        await rule(api)
        bad, good = await deliver(delivered(1), delivered(2))
        await answer(bad, 2, "هیچ")
        await answer(good, 4)
        headers = api.headers(*STAFF)

        async def code(invited: dict[str, Any], *categories: str) -> Any:
            path = f"/v1/survey-answers/{invited['id']}/categories"
            return await api.client.put(path, json={"categories": categories}, headers=headers)

        async def reasons() -> dict[str, int]:
            got = await api.client.get(
                "/v1/statistics/satisfaction/reasons?period=1398", headers=headers
            )
            return {row["category"]: row["answers"] for row in got.json()["rows"] if row["answers"]}

        assert await reasons() == {"uncoded": 1}
        coded = await code(bad, "loss", "delay", "loss")
        assert coded.json()["categories"] == [
            {"category": "delay", "coded_by": "staff"},
            {"category": "loss", "coded_by": "staff"},
        ]
        assert await reasons() == {"delay": 1, "loss": 1}
        await code(bad, "loss")
        assert await reasons() == {"loss": 1}
        assert (await code(good, "loss")).json()["code"] == "answer_satisfied"
        unknown = "5f0d7c3e-6a0b-5a3e-9d53-2c6a1c7f4b21"
        assert (await code({"id": unknown}, "loss")).json()["code"] == "answer_unknown"
        assert await recounted(api)
        assert [e["data"]["survey"]["categories"] for e in await api.events("survey.coded")] == [
            ["delay", "loss"],
            ["loss"],
        ]

    async def test_are_erased_and_the_score_stays(
        self, api: Api, deliver: Deliver, answer: Answering, file: File
    ) -> None:
        await rule(api)
        one, other, unanswered = await deliver(*(delivered(n) for n in (1, 2, 3)))
        for invited in (one, other):
            await answer(invited, 1, "شماره من ۰۹۱۶۱۲۳۴۵۶۷ است")

        async def erase(invited: dict[str, Any], headers: dict[str, str]) -> int:
            got = await api.client.delete(f"/v1/surveys/{invited['id']}/words", headers=headers)
            status: int = got.status_code
            return status

        assert await erase(one, {}) == await erase(one, link(other)) == 404
        assert await erase(unanswered, link(unanswered)) == 404
        assert await erase(one, link(one)) == await erase(one, link(one)) == 204
        assert await erase(other, api.headers("surveys:write")) == 204
        filed = await closed(api, file)
        (asked,) = await invitations(api, kind="case")
        await answer(asked, 3, "خانه‌ام در کیانپارس است")
        async with api.database.transaction() as session:
            (said,) = await service.said_of_case(session, filed["number"])
            assert said["words"] == "خانه‌ام در کیانپارس است"
            await service.erase_words_of_case(session, filed["number"], START)
        assert await api.database.hot.fetchval("SELECT count(*) FROM survey_words") == 0
        survey = (await api.client.get(f"/v1/surveys/{one['id']}", headers=link(one))).json()
        assert (survey["answer"]["score"], survey["answer"]["words"]) == (1, None)
        assert len(await api.events("survey.words_erased")) == 3
        assert await recounted(api)

    async def test_keywords_are_kept_by_staff(
        self, api: Api, deliver: Deliver, answer: Answering
    ) -> None:
        await rule(api)
        headers = api.headers(*STAFF)

        async def keep(keyword: str, category: str) -> Any:
            path = f"/v1/survey-keywords/{keyword}"
            return await api.client.put(path, json={"category": category}, headers=headers)

        assert (await keep("بوي  بد", "other")).json()["keyword"] == "بوی بد"
        assert (await keep("پستچی*", "conduct")).status_code == 200
        assert (await keep("پستچی*", "place")).status_code == 200
        assert (await keep("*", "place")).status_code == 422
        (invited,) = await deliver(delivered(1))
        await answer(invited, 3, "پستچیِ ما؛ بوی بد می‌داد!")
        listed = await api.client.get("/v1/survey-answers", headers=headers)
        coded = [one["category"] for one in listed.json()["items"][0]["categories"]]
        assert coded == ["other", "place"]
        items = (await api.client.get("/v1/survey-keywords", headers=headers)).json()["items"]
        assert {"keyword": "پستچی*", "category": "place"} in items
        for status in (204, 404):
            gone = await api.client.delete("/v1/survey-keywords/پستچی*", headers=headers)
            assert gone.status_code == status


class TestRules:
    async def test_are_dated_and_ended(self, api: Api) -> None:
        headers = api.headers("surveys:write")
        body = {"rate_basis_points": 500, "seed": "۱۳۹۸", "valid_from": "2019-03-21"}

        async def post(**changes: Any) -> Any:
            return await api.client.post(
                "/v1/survey-rules", json={**body, **changes}, headers=headers
            )

        assert (await post()).status_code == 422  # today's sample is drawn
        keyed = {"valid_from": "2019-03-22"}
        made = await post(**keyed)
        assert made.status_code == 201
        path = made.headers["location"]
        overlapping = await post(valid_from="2019-04-01", valid_until="2019-04-02")
        assert overlapping.json()["code"] == "survey_rules_overlap"
        assert (await post(**keyed, product="adi")).status_code == 201

        async def end(on: str) -> Any:
            return await api.client.post(f"{path}/end", json={"on": on}, headers=headers)

        assert (await end("2019-03-20")).status_code == 422
        assert (await end("2019-03-31")).json()["valid_until"] == "2019-03-31"
        assert (await end("2019-04-30")).status_code == 409
        assert (await post(valid_from="2019-04-01")).status_code == 201
        page = await api.client.get("/v1/survey-rules?limit=2", headers=headers)
        assert len(page.json()["items"]) == 2
        rest = await api.client.get(page.links["next"]["url"], headers=headers)
        assert [one["valid_from"] for one in rest.json()["items"]] == ["2019-04-01"]
        for statement in (
            "DELETE FROM survey_rule",
            "UPDATE survey_rule SET rate_basis_points = 0",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await api.database.hot.execute(statement)

    async def test_are_checked(self, api: Api) -> None:
        bad: list[dict[str, Any]] = [
            {"rate_basis_points": 10_001},
            {"rate_basis_points": -1},
            {"seed": ""},
            {"office": "x"},
            {"valid_until": "2001-01-01"},
            {"valid_from": "0001-01-01"},
            {"product": "a\x00"},
            {"x": 1},
        ]
        for change in bad:
            assert (await rule(api, **change)).status_code == 422, change

    async def test_changes_at_once_do_not_overlap(self, api: Api) -> None:
        raced = await asyncio.gather(*(rule(api) for _ in range(6)))
        assert sorted(got.status_code for got in raced) == [201] + [409] * 5
        await consume(api)
