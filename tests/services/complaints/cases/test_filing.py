"""Filing a case, through the API."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.complaints import clients
from tests.conftest import START, Api
from tests.services.complaints.conftest import (
    BARCODE,
    COMPLAINT,
    OFFICE,
    STAFF,
    File,
    Sisters,
    secret,
)

pytestmark = pytest.mark.anyio

PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


async def post(api: Api, body: Any, **headers: str) -> Any:
    return await api.client.post("/v1/complaints", json=body, headers=headers)


async def everything(api: Api) -> str:
    """Every row of every table, as text."""
    admin = api.database.hot
    tables = await admin.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    dump = []
    for (table,) in tables:
        if table == "alembic_version":
            continue
        rows = await admin.fetch(f"SELECT t::text FROM {table} AS t")
        dump += [row[0] for row in rows]
    return "\n".join(dump)


class TestFile:
    async def test_answers_number_and_secret_once(self, api: Api) -> None:
        response = await post(api, COMPLAINT)
        assert response.status_code == 201
        filed = response.json()
        assert filed["number"].startswith("C-1398-0000001-")
        assert response.headers["location"] == f"/v1/complaints/{filed['number']}"
        assert len(filed["secret"]) >= 43  # 256 bits in base64
        assert (filed["status"], filed["snapshot_pending"]) == ("acknowledged", False)
        assert filed["joined"] is False
        assert filed["filed_at"] == "2019-03-21T08:00:00Z"

    async def test_no_table_holds_the_secret(self, api: Api) -> None:
        plain = (await post(api, COMPLAINT)).json()
        other = {**COMPLAINT, "about": {"kind": "office", "office": OFFICE}}
        keyed = (await post(api, other, **{"Idempotency-Key": "a-key-of-the-client"})).json()
        dump = await everything(api)
        assert plain["number"] != keyed["number"]
        assert "زهرا احمدی" in dump
        for word in (plain["secret"], keyed["secret"], "a-key-of-the-client"):
            assert word not in dump

    async def test_keeps_the_parcels_history(self, api: Api, file: File) -> None:
        filed = await file()
        staff = await api.client.get(
            f"/v1/complaints/{filed['number']}", headers=api.headers(*STAFF)
        )
        snapshot = staff.json()["snapshot"]
        assert (snapshot["at_filing"], snapshot["found"]) == (True, True)
        assert snapshot["parcel"]["status"] == "in_transit"
        assert snapshot["parcel"]["events"][0]["office"] == OFFICE
        assert staff.json()["parcel_status"] == "in_transit"

    async def test_about_an_office(self, api: Api, file: File) -> None:
        filed = await file(about={"kind": "office", "office": "kz-۰۰۰۱۲"}, category="conduct")
        case = await api.client.get(f"/v1/complaints/{filed['number']}", headers=secret(filed))
        assert case.json()["about"] == {"kind": "office", "office": OFFICE}
        assert case.json()["snapshot"]["office"] == {
            "code": OFFICE,
            "name": "دفتر کیانپارس",
            "county": "ahvaz",
        }

    async def test_persian_digits(self, api: Api, file: File) -> None:
        filed = await file(
            about={"kind": "parcel", "barcode": BARCODE.translate(PERSIAN)},
            complainant={"name": "زهرا", "phone": "۰۹۱۶۱۲۳۴۵۶۷"},
        )
        staff = await api.client.get(
            f"/v1/complaints/{filed['number'].translate(PERSIAN)}", headers=api.headers(*STAFF)
        )
        assert staff.json()["about"]["barcode"] == BARCODE
        assert staff.json()["complainant"]["phone"] == "+989161234567"

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"about": {"kind": "parcel", "barcode": "610000000000000000000000"}}, "barcode"),
            ({"about": {"kind": "parcel", "barcode": BARCODE[:-1]}}, "barcode"),
            ({"about": {"kind": "office", "office": "KZ99999"}}, "office"),
            ({"about": {"kind": "office", "barcode": BARCODE}}, "office"),
            ({"about": {"kind": "moon"}}, "about"),
            ({"category": "weather"}, "category"),
            ({"text": ""}, "text"),
            ({"text": "ا" * 4001}, "text"),
            ({"text": "a\x00b"}, "text"),
            ({"complainant": {"name": "x", "phone": "12"}}, "phone"),
            ({"complainant": {"name": "a\x00b", "phone": "09161234567"}}, "name"),
            ({"colour": "red"}, "colour"),
        ],
    )
    async def test_a_bad_field_is_named(self, api: Api, change: dict[str, Any], field: str) -> None:
        response = await post(api, {**COMPLAINT, **change})
        assert response.status_code == 422
        assert response.headers["content-type"] == "application/problem+json"
        assert any(field in error["field"] for error in response.json()["errors"])

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            (b'{"text": "\\ud800"}', 422),
            (b'{"text": "\xff"}', 400),
            (b"{", 422),
            (b'"' + b"x" * 6_000_000 + b'"', 413),
        ],
    )
    async def test_bodies_that_are_no_request(self, api: Api, body: bytes, status: int) -> None:
        response = await api.client.post(
            "/v1/complaints", content=body, headers={"Content-Type": "application/json"}
        )
        assert response.status_code == status
        assert response.headers["content-type"] == "application/problem+json"

    async def test_the_event_carries_no_person(self, api: Api, file: File) -> None:
        filed = await file()
        (event,) = await api.events("case.filed")
        assert event["subject"] == filed["number"]
        assert event["data"]["case"] == {
            "number": filed["number"],
            "kind": "parcel",
            "barcode": BARCODE,
            "office": None,
            "service": None,
            "category": "delay",
            "channel": "web",
            "remedy": None,
            "partner": None,
            "severity": "normal",
            "status": "acknowledged",
            "product": "pishtaz",
            "handling_office": OFFICE,
            "county": "ahvaz",
            "officer": None,
            "liable_kind": None,
            "liable_code": None,
            "liable_office": None,
            "parcel_status": "in_transit",
            "joined_count": 0,
            "reopened_count": 0,
            "filed_at": "2019-03-21T08:00:00Z",
            "answered_at": None,
            "closed_at": None,
            "backfill": False,
            "version": 1,
        }

    async def test_a_bad_token_is_refused_even_here(self, api: Api) -> None:
        assert (await post(api, COMPLAINT, Authorization="Bearer nonsense")).status_code == 401


class TestIdempotency:
    async def test_a_replay_answers_the_same_bytes(self, api: Api) -> None:
        first = await post(api, COMPLAINT, **{"Idempotency-Key": "k-1"})
        again = await post(api, COMPLAINT, **{"Idempotency-Key": "k-1"})
        assert (again.status_code, again.content) == (201, first.content)
        assert again.headers["location"] == first.headers["location"]
        number = again.json()["number"]
        case = await api.client.get(f"/v1/complaints/{number}", headers=secret(again.json()))
        assert case.status_code == 200
        assert await api.database.hot.fetchval("SELECT count(*) FROM complaint_case") == 1
        assert len(await api.events("case.filed")) == 1

    async def test_another_payload_under_the_key_is_refused(self, api: Api) -> None:
        await post(api, COMPLAINT, **{"Idempotency-Key": "k-1"})
        other = await post(api, {**COMPLAINT, "text": "دیگر"}, **{"Idempotency-Key": "k-1"})
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")

    async def test_without_a_key_every_filing_is_a_case(self, file: File) -> None:
        about = {"kind": "office", "office": OFFICE}
        first, second = await file(about=about), await file(about=about)
        assert first["number"] != second["number"]
        assert first["secret"] != second["secret"]


class TestBackfill:
    async def test_dates_the_case_and_its_number(self, api: Api) -> None:
        at = START - timedelta(days=400)
        body = {**COMPLAINT, "occurred_at": at.isoformat()}
        filed = await api.client.post("/v1/complaints", json=body, headers=api.headers("backfill"))
        assert filed.json()["number"].startswith("C-1396-")
        case = await api.client.get(
            f"/v1/complaints/{filed.json()['number']}", headers=secret(filed.json())
        )
        assert case.json()["snapshot"]["at_filing"] is False

    @pytest.mark.parametrize(
        ("scopes", "at", "status"),
        [
            ((), "2019-01-01T00:00:00Z", 401),
            (("parcels:read",), "2019-01-01T00:00:00Z", 403),
            (("backfill",), "2019-03-22T00:00:00Z", 422),
            (("backfill",), "0001-01-01T00:00:00+14:00", 422),
            (("backfill",), "2019-01-01T00:00:00", 422),
        ],
    )
    async def test_is_for_the_past_and_for_its_scope(
        self, api: Api, scopes: tuple[str, ...], at: str, status: int
    ) -> None:
        headers = api.headers(*scopes) if scopes else {}
        response = await api.client.post(
            "/v1/complaints", json={**COMPLAINT, "occurred_at": at}, headers=headers
        )
        assert response.status_code == status


class TestSisterDown:
    async def test_the_case_is_accepted_with_its_snapshot_pending(
        self, file: File, sisters: Sisters
    ) -> None:
        sisters.down = {"parcels", "offices"}
        parcel = await file()
        office = await file(about={"kind": "office", "office": "KZ00077"})
        assert (parcel["snapshot_pending"], office["snapshot_pending"]) == (True, True)

    async def test_an_unreadable_answer_counts_as_down(self, file: File, sisters: Sisters) -> None:
        sisters.parcels[BARCODE] = {"barcode": BARCODE}
        assert (await file())["snapshot_pending"] is True

    async def test_a_sister_that_hangs_is_given_up(
        self, api: Api, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def hang(_: httpx.Request) -> httpx.Response:
            await asyncio.Event().wait()
            raise AssertionError

        monkeypatch.setattr(clients, "DEADLINE_S", 0.05)
        async with httpx.AsyncClient(
            transport=httpx.MockTransport(hang), base_url="http://parcels.test"
        ) as hanging:
            api.app.state.runtime.clients["parcels"] = hanging
            assert (await post(api, COMPLAINT)).json()["snapshot_pending"] is True
