"""Following a case: the complainant with the secret, staff with a scope; lists and counts."""

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from services.complaints.cases.domain import CaseId, case_number
from tests.conftest import START, Api
from tests.services.complaints.conftest import (
    BARCODE,
    OFFICE,
    OTHER_BARCODE,
    STAFF,
    File,
    secret,
)

pytestmark = pytest.mark.anyio


def url(filed: dict[str, Any], rest: str = "") -> str:
    return f"/v1/complaints/{filed['number']}{rest}"


async def say(api: Api, filed: dict[str, Any], text: str = "چه شد؟", **headers: str) -> Any:
    headers = headers or secret(filed)
    return await api.client.post(url(filed, "/messages"), json={"text": text}, headers=headers)


async def answer(api: Api, filed: dict[str, Any], text: str = "فردا می‌رسد") -> Any:
    return await api.client.post(
        url(filed, "/answers"), json={"text": text}, headers=api.headers(*STAFF)
    )


async def close(api: Api, filed: dict[str, Any]) -> Any:
    return await api.client.post(url(filed, "/close"), headers=api.headers(*STAFF))


class TestRead:
    async def test_the_complainant_sees_no_more_of_the_parcel_than_anyone(
        self, api: Api, file: File
    ) -> None:
        filed = await file()
        response = await api.client.get(url(filed), headers=secret(filed))
        assert response.status_code == 200
        assert response.headers["cache-control"] == "no-store"  # the secret is not in the URL
        case = response.json()
        assert [m["text"] for m in case["messages"]] == ["بسته هنوز نرسیده است"]
        event = case["snapshot"]["parcel"]["events"][0]
        assert set(event) == {"event", "status", "occurred_at"}
        assert "complainant" not in case
        for word in ("partner", "product", 'version":3', OFFICE, "زهرا"):
            assert word not in response.text

    async def test_a_wrong_secret_is_the_same_404_as_an_absent_case(
        self, api: Api, file: File
    ) -> None:
        filed = await file()
        other = await file()
        absent = {**filed, "number": case_number(CaseId(1398, 999))}
        wrong = await api.client.get(url(filed), headers=secret(other))
        answers = [
            wrong,
            await api.client.get(url(filed)),
            await api.client.get(url(absent), headers=secret(filed)),
            await api.client.get(url(filed), headers=api.headers("parcels:read")),
            await say(api, filed, **secret(other)),
            await say(api, filed, **api.headers(*STAFF)),
        ]
        for got in answers:
            assert (got.status_code, got.content) == (404, wrong.content)
        assert wrong.json()["code"] == "case_unknown"

    async def test_the_year_is_part_of_the_number(self, api: Api, file: File) -> None:
        filed = await file()
        other_year = case_number(CaseId(1397, 1))
        got = await api.client.get(f"/v1/complaints/{other_year}", headers=secret(filed))
        assert got.status_code == 404

    @pytest.mark.parametrize("number", ["C-1398-0000001-x", "C-1398-1", "%00", "9" * 40])
    async def test_a_misread_number_is_named(self, api: Api, number: str) -> None:
        got = await api.client.get(f"/v1/complaints/{number}", headers=api.headers(*STAFF))
        assert got.status_code == 422
        assert got.json()["errors"][0]["field"] == "path.number"


class TestThread:
    async def test_goes_to_and_fro_until_closed(self, api: Api, file: File) -> None:
        filed = await file()
        answered = await answer(api, filed)
        assert (answered.status_code, answered.json()["status"]) == (201, "answered")
        asked = await say(api, filed)
        assert (asked.status_code, asked.json()["status"]) == (201, "received")
        assert (await answer(api, filed)).json()["status"] == "answered"
        closed = await close(api, filed)
        assert (closed.status_code, closed.json()["status"]) == (200, "closed")
        case = (await api.client.get(url(filed), headers=secret(filed))).json()
        assert [m["author"] for m in case["messages"]] == [
            "complainant",
            "staff",
            "complainant",
            "staff",
        ]
        assert case["message_count"] == 4
        assert case["closed_at"] == "2019-03-21T08:00:00Z"

    async def test_a_closed_case_takes_nothing_more(self, api: Api, file: File) -> None:
        filed = await file()
        await answer(api, filed)
        await close(api, filed)
        for refused in (await say(api, filed), await answer(api, filed), await close(api, filed)):
            assert (refused.status_code, refused.json()["code"]) == (409, "case_closed")

    async def test_an_unanswered_case_is_not_closed(self, api: Api, file: File) -> None:
        filed = await file()
        refused = await close(api, filed)
        assert (refused.status_code, refused.json()["code"]) == (409, "case_unanswered")
        case = (await api.client.get(url(filed), headers=secret(filed))).json()
        assert case["status"] == "acknowledged"

    async def test_answering_needs_its_scope(self, api: Api, file: File) -> None:
        filed = await file()
        for path, body in (("/answers", {"text": "x"}), ("/close", None)):
            anonymous = await api.client.post(url(filed, path), json=body, headers=secret(filed))
            assert anonymous.status_code == 401
            reader = api.headers("complaints:read")
            assert (
                await api.client.post(url(filed, path), json=body, headers=reader)
            ).status_code == 403

    async def test_backfilled_acts_follow_one_another(self, api: Api, file: File) -> None:
        filed = await file()
        earlier = {"text": "x", "occurred_at": (START - timedelta(seconds=1)).isoformat()}
        staff = api.headers("complaints:answer", "backfill")
        for path, headers in (
            ("answers", staff),
            ("messages", api.headers("backfill") | secret(filed)),
        ):
            refused = await api.client.post(f"{url(filed)}/{path}", json=earlier, headers=headers)
            assert refused.status_code == 422
            assert refused.json()["errors"][0]["field"] == "body.occurred_at"
        api.clock.at += timedelta(days=2)
        dated = {"text": "x", "occurred_at": (START + timedelta(days=1)).isoformat()}
        answered = await api.client.post(f"{url(filed)}/answers", json=dated, headers=staff)
        assert answered.json()["answered_at"] == "2019-03-22T08:00:00Z"
        body = {"occurred_at": START.isoformat()}
        refused = await api.client.post(f"{url(filed)}/close", json=body, headers=staff)
        assert refused.status_code == 422

    async def test_events_tell_of_answer_and_close(self, api: Api, file: File) -> None:
        filed = await file()
        await answer(api, filed)
        await close(api, filed)
        events = await api.events("case.filed", "case.answered", "case.closed")
        assert [(e["type"], e["data"]["case"]["version"]) for e in events] == [
            ("case.filed", 1),
            ("case.answered", 2),
            ("case.closed", 3),
        ]
        assert "فردا" not in str(events)
        assert "زهرا" not in str(events)

    async def test_is_bounded(self, api: Api, file: File) -> None:
        filed = await file()
        await api.database.hot.execute("UPDATE complaint_case SET message_count = 500")
        refused = await say(api, filed)
        assert (refused.status_code, refused.json()["code"]) == (409, "thread_full")

    async def test_writers_at_once_lose_no_message(self, api: Api, file: File) -> None:
        filed = await file()
        said = await asyncio.gather(*(say(api, filed, f"پیام {n}") for n in range(12)))
        assert {response.status_code for response in said} == {201}
        case = (await api.client.get(url(filed), headers=secret(filed))).json()
        assert sorted(m["text"] for m in case["messages"][1:]) == sorted(
            f"پیام {n}" for n in range(12)
        )
        assert (case["message_count"], case["version"]) == (13, 13)

    @pytest.mark.parametrize("text", ["", "a\x00b", "ا" * 4001])
    async def test_text_is_bounded_and_storable(self, api: Api, file: File, text: str) -> None:
        assert (await say(api, await file(), text)).status_code == 422


class TestProtection:
    @pytest.mark.parametrize("table", ["case_message", "case_snapshot"])
    async def test_the_app_cannot_rewrite_what_was_said(
        self, api: Api, file: File, table: str
    ) -> None:
        await file()
        for statement in (
            f"UPDATE {table} SET case_id = case_id",
            f"DELETE FROM {table}",
            f"TRUNCATE {table}",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await api.database.hot.execute(statement)
        assert await api.database.hot.fetchval(f"SELECT count(*) FROM {table}") == 1

    async def test_the_app_cannot_remove_a_case(self, api: Api) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await api.database.hot.execute("DELETE FROM complaint_case")

    async def test_the_person_is_erasable_and_the_case_stays(self, api: Api, file: File) -> None:
        filed = await file()
        headers = api.headers(*STAFF)
        known = (await api.client.get(url(filed), headers=headers)).json()
        assert known["complainant"] == {"name": "زهرا احمدی", "phone": "+989161234567"}
        await api.database.hot.execute("DELETE FROM case_complainant")
        erased = (await api.client.get(url(filed), headers=headers)).json()
        assert erased == {**known, "complainant": None, "complainants": []}


class TestList:
    async def test_pages_by_keyset_newest_first(self, api: Api, file: File) -> None:
        numbers = [(await file())["number"] for _ in range(5)]
        headers = api.headers("complaints:read")
        seen: list[str] = []
        path: str | None = "/v1/complaints?limit=2"
        while path:
            response = await api.client.get(path, headers=headers)
            seen += [case["number"] for case in response.json()["items"]]
            link = response.links.get("next", {}).get("url")
            assert (link is None) == (response.json()["next"] is None)
            path = link
        assert seen == numbers[::-1]

    async def test_filters(self, api: Api, file: File) -> None:
        parcel = await file()
        other = await file(about={"kind": "parcel", "barcode": OTHER_BARCODE})
        office = await file(about={"kind": "office", "office": OFFICE})
        await answer(api, other)

        async def numbers(query: str) -> list[str]:
            got = await api.client.get(
                f"/v1/complaints?{query}", headers=api.headers("complaints:read")
            )
            return [case["number"] for case in got.json()["items"]]

        assert await numbers("status=acknowledged") == [office["number"], parcel["number"]]
        assert await numbers(f"barcode={BARCODE}") == [parcel["number"]]
        assert await numbers("office=kz۰۰۰۱۲") == [office["number"]]
        assert await numbers(f"status=closed&barcode={BARCODE}") == []

    @pytest.mark.parametrize(
        "query",
        [
            "cursor=abc",
            "cursor=WyJ4Il0",
            "cursor=W3RydWVd",
            "limit=0",
            "status=odd",
            "barcode=1",
            "office=x",
        ],
    )
    async def test_bad_queries(self, api: Api, query: str) -> None:
        got = await api.client.get(
            f"/v1/complaints?{query}", headers=api.headers("complaints:read")
        )
        assert got.status_code == 422

    async def test_is_for_staff(self, api: Api) -> None:
        assert (await api.client.get("/v1/complaints")).status_code == 401
        got = await api.client.get("/v1/complaints", headers=api.headers("parcels:read"))
        assert got.status_code == 403


class TestInternal:
    async def test_counts_open_cases_of_a_barcode(self, api: Api, file: File) -> None:
        first = await file()
        await answer(api, first)
        await close(api, first)
        second = await file(about={"kind": "parcel", "barcode": BARCODE})
        got = await api.client.get(
            f"/internal/cases?barcode={BARCODE}", headers=api.headers("internal")
        )
        assert got.json() == {"barcode": BARCODE, "open": 1, "numbers": [second["number"]]}
        none = await api.client.get(
            f"/internal/cases?barcode={OTHER_BARCODE}", headers=api.headers("internal")
        )
        assert none.json() == {"barcode": OTHER_BARCODE, "open": 0, "numbers": []}

    async def test_is_for_sisters(self, api: Api) -> None:
        path = f"/internal/cases?barcode={BARCODE}"
        assert (await api.client.get(path)).status_code == 401
        refused = await api.client.get(path, headers=api.headers(*STAFF))
        assert refused.status_code == 403


class TestStatistics:
    async def test_counts_by_jalali_period(self, api: Api, file: File) -> None:
        api.clock.at = START - timedelta(days=1)  # 29 Esfand 1397
        old = await file()
        api.clock.at = START
        for _ in range(2):
            await file()
        await answer(api, old)
        await answer(api, old)
        await close(api, old)

        async def counts(period: str) -> dict[str, Any]:
            got = await api.client.get(
                f"/v1/statistics/complaints?period={period}", headers=api.headers("reports:read")
            )
            body: dict[str, Any] = got.json()
            return body

        assert await counts("1397") == {"period": "1397", "filed": 1, "answered": 0, "closed": 0}
        assert await counts("1398-H1") == {
            "period": "1398-H1",
            "filed": 2,
            "answered": 1,
            "closed": 1,
        }
        assert (await counts("۱۳۹۸-۰۱"))["filed"] == 2
        assert (await counts("1398-02"))["filed"] == 0

    @pytest.mark.parametrize(("scope", "status"), [("reports:read", 422), ("complaints:read", 403)])
    async def test_refusals(self, api: Api, scope: str, status: int) -> None:
        got = await api.client.get(
            "/v1/statistics/complaints?period=2019", headers=api.headers(scope)
        )
        assert got.status_code == status
