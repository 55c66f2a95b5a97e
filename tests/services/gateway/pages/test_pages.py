"""Public pages over ASGI, before sisters that answer as told, or not at all."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from services.gateway.traffic.breaker import FAILURES_MIN, REST_S
from services.gateway.web import asking, pages
from tests.conftest import Serve
from tests.services.gateway.conftest import SISTERS, Gateway, start_with
from tests.services.gateway.web.conftest import browser_of

pytestmark = pytest.mark.anyio
NUMBER = "610000000000000000000100"
TRACKING = {
    "barcode": NUMBER,
    "product": "pishtaz",
    "status": "in_transit",
    "status_text": "در راه است",
    "booked_at": "2019-03-21T08:00:00Z",
    "promised_at": "2019-03-24T08:00:00Z",
    "updated_at": "2019-03-21T09:00:00Z",
    "events": [
        {
            "event": "acceptance",
            "status": "accepted",
            "text": "<b>پذیرش</b>",
            "town": "اهواز",
            "occurred_at": "2019-03-21T08:30:00Z",
        }
    ],
}


@dataclass
class Sister:
    """Answers with what was told of a path; what it was asked is kept."""

    told: dict[str, tuple[int, Any]] = field(default_factory=dict)
    first: list[tuple[int, Any]] = field(default_factory=list)
    """What is answered before that, whatever is asked."""
    asked: list[dict[str, Any]] = field(default_factory=list)
    fails: bool = False
    hangs: bool = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.fails:
            raise OSError("no such host")
        if self.hangs:
            await asyncio.Event().wait()
        request = Request(scope, receive)
        body = await request.body()
        self.asked.append(
            {
                "path": request.url.path,
                "body": json.loads(body) if body else None,
                "headers": dict(request.headers),
            }
        )
        unknown = (404, {"code": "not_found", "title": "Not found", "detail": "no such thing"})
        known = self.told.get(request.url.path, unknown)
        status, answer = self.first.pop(0) if self.first else known
        await JSONResponse(answer, status)(scope, receive, send)


@dataclass
class Desk:
    sister: Sister
    browser: httpx.AsyncClient
    gateway: Gateway


@pytest.fixture
async def desk(serve: Serve) -> AsyncIterator[Desk]:
    sister = Sister()
    async with AsyncExitStack() as stack:
        gateway = await start_with(stack, serve, dict.fromkeys(SISTERS, sister), "in_process")
        client = await stack.enter_async_context(browser_of(gateway))
        yield Desk(sister, client, gateway)


async def test_tracking(desk: Desk) -> None:
    sister, browser = desk.sister, desk.browser
    sister.told[f"/v1/tracking/{NUMBER}"] = (200, TRACKING)
    page = await browser.get("/track", params={"numbers": "۶۱۰۰ 0000000000 0000000100"})
    assert page.url.path == f"/track/{NUMBER}"
    assert page.status_code == 200
    assert "اهواز" in page.text
    assert "۱ فروردین ۱۳۹۸، ۱۲:۰۰" in page.text
    assert "&lt;b&gt;" in page.text  # a service's words are words
    assert "زمان رسیدن" not in page.text  # nobody could tell
    known = {"town": "دزفول", "arrives_at": None, "delivered_by": "2019-03-23T10:00:00Z"}
    sister.told[f"/v1/parcels/{NUMBER}/eta"] = (200, known)
    assert "زمان رسیدن" in (await browser.get(f"/track/{NUMBER}")).text

    refused = {"code": "not_verified", "title": "No", "detail": "phone_last_four is not …"}
    sister.told[f"/v1/tracking/{NUMBER}/details"] = (403, refused)
    wrong = await browser.post(f"/track/{NUMBER}", data={"phone_last_four": "۱۲۳۴"})
    assert wrong.status_code == 403
    assert wrong.headers["cache-control"] == "no-store"
    assert "تلفن گیرنده نمی‌خواند" in wrong.text
    unknown = await browser.get("/track/1")
    assert unknown.status_code == 404
    assert 'role="alert"' in unknown.text
    sister.told["/v1/offices/search"] = (200, {"items": [], "next": None})
    no_office = await browser.get("/find/search")  # an address of the API beside the offices'
    assert no_office.status_code == 404


async def test_a_service_that_is_away_is_said(desk: Desk) -> None:
    """No page is a 500, whatever its services do."""
    desk.sister.fails = True
    for path in (f"/track/{NUMBER}", "/find?q=x", "/price?weight_g=100&product=pishtaz"):
        page = await desk.browser.get(path)
        assert page.status_code == 503, path
        assert "این بخش اکنون پاسخ نمی‌دهد" in page.text
        assert page.headers["content-type"].startswith("text/html")
    assert (await desk.browser.get("/find/KZ00012?lang=en")).status_code == 503
    form = {"kind": "website", "text": "کند است", "name": "رضا", "phone": "0912"}
    filed = await desk.browser.post("/complain", data=form)
    assert filed.status_code == 503
    assert "کند است" in filed.text  # what was typed is not lost


async def test_a_page_says_that_a_service_is_slow_before_its_own_time_is_up(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "SAY_S", 0.8)
    front = desk.gateway.front
    front.gate = replace(desk.gateway.gate, deadline_s=1.0)
    desk.sister.hangs = True
    form = {"kind": "website", "text": "کند است", "name": "رضا", "phone": "0912"}
    filed = await desk.browser.post("/complain", data=form)
    assert (filed.status_code, "کند است" in filed.text) == (504, True)


async def test_a_service_that_is_away_is_not_asked_by_every_page(desk: Desk) -> None:
    """Each would hold a place of the gateway's own, until nobody could sign in any more."""
    sister, ticks = desk.sister, desk.gateway.ticks
    desk.gateway.gate.traffic.lane("parcels", "live").monotonic = ticks
    sister.told[f"/v1/tracking/{NUMBER}"] = (200, TRACKING)
    away = (503, {"code": "unavailable", "title": "Away", "detail": "its database is away"})
    sister.first = [away] * FAILURES_MIN
    shown = FAILURES_MIN // 2  # each asks twice
    assert {(await desk.browser.get(f"/track/{NUMBER}")).status_code for _ in range(shown)} == {503}
    assert sister.first == []
    asked = len(sister.asked)
    assert (await desk.browser.get(f"/track/{NUMBER}")).status_code == 503
    assert len(sister.asked) == asked
    ticks.at += REST_S
    assert (await desk.browser.get(f"/track/{NUMBER}")).status_code == 200


async def test_the_gateway_is_not_away_where_a_service_is(desk: Desk) -> None:
    """What its pages say of others is not held against itself: people sign in all the same."""
    desk.sister.fails = True
    for _ in range(FAILURES_MIN):
        assert (await desk.browser.get(f"/track/{NUMBER}")).status_code == 503
    assert (await desk.browser.get("/track")).status_code == 200


@pytest.mark.parametrize("fair", [True, False])
async def test_a_service_is_judged_by_what_it_had_time_for(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, *, fair: bool
) -> None:
    """What is left of a page that waited for another service is no time to answer in."""
    if fair:
        monkeypatch.setattr(asking, "DEADLINE_S", 0)
        monkeypatch.setattr(asking, "FAIR_S", 0)
    else:
        monkeypatch.setattr(pages, "SAY_S", 3_600)
        monkeypatch.setattr(pages, "LEAST_S", 0)
    desk.sister.hangs = True
    for _ in range(FAILURES_MIN // 2):  # each asks twice
        assert (await desk.browser.get(f"/track/{NUMBER}")).status_code == 504
    assert desk.gateway.gate.traffic.lane("parcels", "live").breaker.open is fair


async def test_a_click_that_waits_in_vain_for_the_first_is_told_so(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service answers each time: that is no failure of it."""
    monkeypatch.setattr(asking, "AGAIN_S", 0)
    monkeypatch.setattr(asking, "DEADLINE_S", 1)
    runs = (409, {"code": "idempotency_key_in_flight", "title": "Runs", "detail": "still"})
    desk.sister.told["/v1/complaints"] = runs
    form = {"kind": "website", "text": "کند است", "name": "رضا", "phone": "0912"}
    filed = await desk.browser.post("/complain", data=form)
    assert (filed.status_code, "کند است" in filed.text) == (409, True)
    assert "هنوز در کار است" in filed.text


SAID: list[tuple[str, str, dict[str, int], str]] = [
    ("about.parcel.barcode", "barcode", {}, "رقمی از آن اشتباه است"),
    ("about.parcel.barcode", "unknown_parcel", {}, "مرسوله‌ای با این شماره نیست."),
    ("text", "string_too_short", {"min_length": 1}, "شرح را بنویسید."),
    ("text", "string_too_long", {"max_length": 4_000}, "بیش از ۴٬۰۰۰ نویسه ننویسید."),
    ("complainant.name", "string_too_short", {"min_length": 1}, "نام را بنویسید."),
    ("complainant.phone", "phone", {}, "۰۹۱۲۳۴۵۶۷۸۹"),
]


async def test_of_a_field_is_said_what_is_wrong_with_it(desk: Desk) -> None:
    """A number that is well written and no parcel's is not said to be badly written."""
    for field_, code, limits, words in SAID:
        error = {"field": f"body.{field_}", "message": "…", "code": code, "limits": limits}
        problem = {"code": "invalid", "title": "Invalid", "detail": "…", "errors": [error]}
        desk.sister.told["/v1/complaints"] = (422, problem)
        page = (await desk.browser.post("/complain", data={"kind": "parcel"})).text
        [said] = re.findall(r'<p class="error"[^>]*>(.*?)</p>', page)
        assert words in said


async def test_a_complaint_is_filed_with_the_key_of_its_form(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    sister, browser = desk.sister, desk.browser
    monkeypatch.setattr(asking, "AGAIN_S", 0)
    wrong = {
        "code": "invalid",
        "title": "Invalid request",
        "detail": "…",
        "errors": [{"field": "body.complainant.phone", "message": "a phone has 11 digits"}],
    }
    sister.told["/v1/complaints"] = (422, wrong)
    form = {
        "key": "7b0e38c6-26a2-4a57-9f0f-3fd4b5f3f3a1",
        "kind": "parcel",
        "barcode": "۶۱۰۰ 0000000000 0000000100",
        "office": "KZ00012",
        "category": "delay",
        "text": "دیر رسید",
        "name": "رضا",
        "phone": "12",
    }
    page = await browser.post("/complain", data=form)
    assert page.status_code == 422
    assert "a phone has 11 digits" in page.text
    assert form["key"] in page.text
    asked = sister.asked[-1]
    assert asked["headers"]["idempotency-key"] == form["key"]
    assert asked["body"]["about"]["kind"] == "parcel"
    assert "office" not in asked["body"]["about"]

    number = "C-1398-0000001-2"
    told = {"number": number, "secret": "s3cret", "filed_at": "2019-03-21T08:00:00Z"}
    sister.told["/v1/complaints"] = (201, {**told, "joined": False, "snapshot_pending": False})
    runs = (409, {"code": "idempotency_key_in_flight", "title": "Runs", "detail": "still"})
    sister.first = [runs, runs]  # a double click: the first one's work is not done yet
    filed = await browser.post("/complain", data=form)
    assert "s3cret" in filed.text
    assert sister.first == []
    cookie = filed.headers["set-cookie"]
    assert f"Path=/complain/{number}" in cookie
    assert "HttpOnly" in cookie
    await browser.post(f"/complain/{number}/messages", data={"text": "x"})
    [said] = [a for a in sister.asked if a["path"].endswith("/messages")]
    assert said["headers"]["susa-case-secret"] == "s3cret"


async def test_an_address_that_is_none_is_a_page(desk: Desk) -> None:
    page = await desk.browser.get("/track/" + "1" * 2_500)
    assert page.status_code == 422
    assert "<h1>" in page.text
    answer = await desk.browser.post("/rate", data={"code": "no"})
    assert answer.status_code == 404
