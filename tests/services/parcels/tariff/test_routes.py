"""Drafts, publication and VAT through the API, and what the database itself refuses."""

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from tests.conftest import Api
from tests.factories.tariffs import draft, rate, rates
from tests.services.parcels.conftest import Parcels

pytestmark = pytest.mark.anyio

EXAMPLE = "1395-example"
DRAFTS = "/v1/tariff-drafts"


class Office:
    """The tariff's desk."""

    def __init__(self, parcels: Parcels) -> None:
        self.api: Api = parcels.api
        self.client = parcels.client
        self.staff = self.api.headers("tariff:write", kind="staff")

    async def send(self, method: str, path: str, body: Any = None, **more: str) -> httpx.Response:
        """`more`: headers."""
        return await self.client.request(method, path, json=body, headers=self.staff | more)

    async def make(self, **changes: Any) -> httpx.Response:
        return await self.send("POST", DRAFTS, draft(**changes))

    async def publish(self, code: str = "1398-02", **more: str) -> httpx.Response:
        return await self.send("POST", f"{DRAFTS}/{code}/publish", **more)

    async def get(self, path: str) -> Any:
        answer = await self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
async def office(parcels: Parcels) -> Office:
    return Office(parcels)


def coded(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_a_draft_becomes_a_tariff_and_the_one_before_is_superseded_on_its_day(
    office: Office,
) -> None:
    made = await office.make()
    assert (made.status_code, made.headers["location"]) == (201, f"{DRAFTS}/1398-02")
    assert made.json()["status"] == "draft"
    assert (await office.client.get("/v1/tariffs/1398-02")).status_code == 404
    changed = {k: v for k, v in draft(source="مصوبهٔ دوم").items() if k != "code"}
    changed["rates"] = rates(times=2)
    replaced = await office.send("PUT", f"{DRAFTS}/1398-02", changed)
    assert (replaced.status_code, replaced.json()["source"]) == (200, "مصوبهٔ دوم")
    listed = (await office.send("GET", DRAFTS)).json()["items"]
    assert [item["code"] for item in listed] == ["1398-02"]
    key = {"Idempotency-Key": "k-1"}
    published = await office.publish(**key)
    assert (published.status_code, published.json()["status"]) == (200, "published")
    again = await office.publish(**key)
    assert (again.status_code, again.content) == (200, published.content)
    assert coded(await office.publish()) == (404, "tariff_not_found")
    assert published.json()["rates"] == replaced.json()["rates"]
    assert coded(await office.send("GET", f"{DRAFTS}/1398-02")) == (404, "tariff_not_found")
    before = await office.get(f"/v1/tariffs/{EXAMPLE}")
    assert (before["status"], before["valid_from"], before["valid_until"]) == (
        "published",
        "2016-03-20",
        "2019-04-20",
    )
    office.api.clock.at += timedelta(days=31)
    first = await office.get("/v1/tariffs?limit=1")
    second = await office.get(f"/v1/tariffs?limit=1&cursor={first['next']}")
    assert [(v["code"], v["status"]) for v in first["items"] + second["items"]] == [
        ("1398-02", "published"),
        (EXAMPLE, "superseded"),
    ]
    assert second["next"] is None
    events = await office.api.events("tariff_draft.saved", "tariff.published")
    assert [event["type"] for event in events] == [
        "tariff_draft.saved",
        "tariff_draft.saved",
        "tariff.published",
    ]
    assert events[-1]["data"]["tariff"]["rates"] == published.json()["rates"]


async def test_what_is_not_a_tariff_is_refused(office: Office) -> None:
    twice = [*rates(), rate("pishtaz", "other", 500, 95_000)]
    cheaper = [*rates(), rate("pishtaz", "other", 2000, 1)]
    for bad in (twice, cheaper):
        answer = await office.make(rates=bad)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "body.rates")
    surcharge = {"kind": "pickup", "fixed_rials": 1, "basis_points": 5}
    assert (await office.make(surcharges=[surcharge])).status_code == 422
    assert (await office.make(surcharges=[{"kind": "oversize"}])).status_code == 422
    cod = {"kind": "cod", "fixed_rials": 1}
    assert (await office.make(surcharges=[cod, cod])).status_code == 422
    assert (await office.make(code="a\x00b")).status_code == 422
    assert coded(await office.make(code=EXAMPLE)) == (409, "tariff_code_in_use")
    partner = office.api.headers("parcels:book")
    assert (await office.client.post(DRAFTS, json=draft(), headers=partner)).status_code == 403
    assert (await office.client.post(DRAFTS, json=draft())).status_code == 401
    assert await office.api.events("tariff_draft.saved") == []


async def test_what_may_not_be_published_stays_a_draft(office: Office) -> None:
    """Gaps, a day that has begun, a day that another has; then it is thrown away."""
    await office.make(rates=[rate("vijeh", "intra_province", 500, 1)])
    gaps = await office.publish()
    assert coded(gaps) == (409, "tariff_incomplete")
    assert "vijeh, adjacent; vijeh, other" in gaps.json()["detail"]
    body = {k: v for k, v in draft(valid_from="2019-03-21").items() if k != "code"}
    assert (await office.send("PUT", f"{DRAFTS}/1398-02", body)).status_code == 200
    assert coded(await office.publish()) == (409, "begins_too_early")
    backfill = office.api.headers("tariff:write", "backfill", kind="staff")
    url = f"{DRAFTS}/1398-02/publish"
    assert (await office.client.post(url, headers=backfill)).status_code == 200
    await office.make(code="again", valid_from="2019-03-21")
    taken = await office.client.post(f"{DRAFTS}/again/publish", headers=backfill)
    assert coded(taken) == (409, "tariff_day_taken")
    assert (await office.send("DELETE", f"{DRAFTS}/again")).status_code == 204
    assert coded(await office.send("DELETE", f"{DRAFTS}/again")) == (404, "tariff_not_found")
    assert coded(await office.send("DELETE", f"{DRAFTS}/{EXAMPLE}")) == (404, "tariff_not_found")


@pytest.mark.parametrize("role", ["app", "owner"])
async def test_the_database_keeps_a_published_tariff(office: Office, role: str) -> None:
    target = office.api.target
    connection = await asyncpg.connect(getattr(target, f"{role}_dsn"))
    refused = (asyncpg.IntegrityConstraintViolationError, asyncpg.InsufficientPrivilegeError)
    try:
        for statement in (
            "UPDATE tariff_version SET valid_from = now()",
            "UPDATE tariff_version SET published_at = NULL, published_by = NULL",
            "DELETE FROM tariff_version",
            "UPDATE tariff_rate SET price_rials = 1",
            "DELETE FROM tariff_rate",
            f"INSERT INTO tariff_rate VALUES ('{EXAMPLE}', 3, 'urban', 500, 1, NULL)",
            f"INSERT INTO tariff_surcharge VALUES ('{EXAMPLE}', 'cod', 1, 0, 0, NULL, NULL)",
        ):
            with pytest.raises(refused):
                await connection.execute(statement)
    finally:
        await connection.close()


async def test_at_once(office: Office) -> None:
    """Of drafts with one code one is made; of tariffs for one day one is published."""
    made = await asyncio.gather(*(office.make() for _ in range(8)))
    assert sorted(answer.status_code for answer in made) == [201, *[409] * 7]
    await office.make(code="other")
    codes = ("1398-02", "other", "1398-02", "other")
    told = await asyncio.gather(*(office.publish(code) for code in codes))
    assert sorted(answer.status_code for answer in told) == [200, 404, 409, 409]
    assert len(await office.api.events("tariff.published")) == 1


async def test_vat_is_dated_and_a_later_record_of_a_day_holds(office: Office) -> None:
    known = (await office.get("/v1/vat-rates"))["items"]
    assert (known[0]["valid_from"], known[0]["basis_points"]) == ("2024-03-20", 1000)
    for points in (950, 940):
        body = {"valid_from": "2020-03-20", "basis_points": points, "source": "قانون بودجه"}
        answer = await office.send("POST", "/v1/vat-rates", body)
        assert (answer.status_code, answer.json()["basis_points"]) == (201, points)
    now = {
        item["valid_from"]: item["basis_points"]
        for item in (await office.get("/v1/vat-rates"))["items"]
    }
    assert (now["2015-03-21"], now["2020-03-20"], len(now)) == (900, 940, len(known) + 1)
    past = {"valid_from": "2018-03-21", "basis_points": 1, "source": "بی‌اعتبار"}
    assert coded(await office.send("POST", "/v1/vat-rates", past)) == (409, "begins_too_early")
