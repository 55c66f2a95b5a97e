"""The portal's shell over ASGI: signing in and out, whose cookie speaks where, home by role."""

import html
import re

import httpx
import pyotp
import pytest

from services.gateway.web.cookies import SESSION
from tests.services.gateway.web.conftest import HOST, Desk

pytestmark = pytest.mark.anyio


async def sign_in(browser: httpx.AsyncClient, login: str, password: str, **more: str) -> str:
    form = {"login": login, "password": password, **more}
    answer = await browser.post("/portal/sign-in", data=form)
    assert answer.status_code == 200, answer.text
    return answer.text


class TestSigningIn:
    async def test_and_out_again(self, desk: Desk, browser: httpx.AsyncClient) -> None:
        person = await desk.with_password("complaints_officer")
        first = await browser.get("/portal")
        assert first.url.path == "/portal/sign-in"
        assert first.url.params["then"] == "/portal"

        wrong = await browser.post("/portal/sign-in", data={"login": person.login, "password": "x"})
        assert wrong.status_code == 401
        assert person.login in wrong.text
        assert "ورود پذیرفته نشد" in wrong.text
        assert wrong.headers["cache-control"] == "no-store"

        home = await sign_in(browser, person.login, person.password, then="//evil.test/portal")
        assert "/portal/cases" in home
        assert "/portal/counter" not in home
        [cookie] = browser.cookies.jar
        assert (cookie.name, cookie.path) == (SESSION, "/portal")
        assert "شکایت‌ها" in (await browser.get("/portal")).text

        out = await browser.post("/portal/sign-out")
        assert "بیرون رفتید" in out.text
        assert (await browser.get("/portal")).url.path == "/portal/sign-in"
        assert cookie.value is not None
        assert await desk.status(cookie.value) == 401

    async def test_a_role_that_needs_a_second_factor_sets_one_up(
        self, desk: Desk, browser: httpx.AsyncClient
    ) -> None:
        person = await desk.with_password("finance_officer")
        page = await sign_in(browser, person.login, person.password)
        assert "/portal/second-factor" in page
        shown = (await browser.post("/portal/second-factor")).text
        found = re.findall(r'name="(secret|uri)" value="([^"]+)"', shown)
        fields = {name: html.unescape(value) for name, value in found}
        person.secret = fields["secret"]
        assert pyotp.parse_uri(fields["uri"])

        wrong = await browser.post(
            "/portal/second-factor/confirm", data={**fields, "code": "000000"}
        )
        assert wrong.status_code == 403
        assert fields["secret"] in wrong.text
        for uri in ("a" * 5_000, "€" * 1_000):  # more than a QR code holds, of letters or of bytes
            long = {**fields, "uri": uri, "code": "000000"}
            again = await browser.post("/portal/second-factor/confirm", data=long)
            assert again.status_code == 403
        done = await browser.post(
            "/portal/second-factor/confirm", data={**fields, "code": desk.otp(person)}
        )
        assert "/portal/province" in done.text  # at once, not when memory has faded

    async def test_a_partner_uses_a_key(self, desk: Desk, browser: httpx.AsyncClient) -> None:
        issued = await desk.gateway.issue("parcels:read")
        assert (await browser.post("/portal/key", data={"api_key": "susa_no"})).status_code == 401
        answer = await browser.post("/portal/key", data={"api_key": issued.key})
        assert answer.url.path == "/portal/partner"
        assert "/portal/partner" in (await browser.get("/portal")).text
        out = await browser.post("/portal/sign-out")
        assert (out.status_code, list(browser.cookies.jar)) == (200, [])
        assert (await browser.get("/portal")).url.path == "/portal/sign-in"

    async def test_a_device_sends_what_it_likes(self, browser: httpx.AsyncClient) -> None:
        form = {"code": "AAAA-AAAA-AAAA", "name": "گوشی", "pin": "136420"}
        for key in ('{"kty": "\\ud800"}', "[" * 5_000, "{", ""):
            enrolled = await browser.post("/portal/device/enrol", data={**form, "public_key": key})
            assert enrolled.status_code == 422, key[:20]


class TestTheCookie:
    async def test_acts_on_the_portal_alone(self, desk: Desk, browser: httpx.AsyncClient) -> None:
        """So that nothing another site makes a browser send to the API acts for its user."""
        person = await desk.with_password("complaints_officer")
        await sign_in(browser, person.login, person.password)
        [cookie] = browser.cookies.jar
        sent = {"Cookie": f"{SESSION}={cookie.value}"}
        assert (await browser.get("/v1/me", headers=sent)).status_code == 401

    async def test_a_form_of_another_site_is_refused(
        self, desk: Desk, browser: httpx.AsyncClient
    ) -> None:
        person = await desk.with_password("complaints_officer")
        await sign_in(browser, person.login, person.password)
        for headers in (
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site", "Origin": HOST},
        ):
            refused = await browser.post("/portal/sign-out", headers=headers)
            assert refused.status_code == 403
            assert "سایت دیگری" in refused.text
        del browser.headers["Sec-Fetch-Site"]
        elsewhere = {"Origin": "http://evil.test"}
        assert (await browser.post("/portal/sign-out", headers=elsewhere)).status_code == 403
        assert (await browser.post("/portal/sign-out")).status_code == 403
        assert (await browser.get("/portal")).url.path == "/portal"
        ours = await browser.post("/portal/sign-out", headers={"Origin": HOST})
        assert ours.status_code == 200
