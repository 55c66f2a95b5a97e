"""A partner's own account over ASGI: who may see it, keys, webhooks, parcels, the sandbox."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.portal_keys import domain as keys
from services.gateway.portal_sandbox import domain as sandbox
from services.gateway.portal_webhooks import domain as webhooks
from services.parcels.sandbox import domain as scripted
from services.parcels.vocabulary import EVENT_WIRE
from shared.errors import Invalid
from tests.conftest import START
from tests.services.gateway.conftest import bearer
from tests.services.gateway.portal_desk.conftest import Province, fields_of, seen

pytestmark = pytest.mark.anyio
HERE = "/portal/partner"


async def shop(province: Province) -> tuple[httpx.AsyncClient, str]:
    """A browser of a shop's person, and the shop's account."""
    await province.gateway.issue("parcels:read", "parcels:book", "webhooks:write")
    account = str(province.gateway.partner_id)
    return await province.browse("partner", partner=account), account


def secret_of(page: str) -> str:
    (found,) = re.findall(r'id="secret">(whsec_[^<]+)<', page)
    return str(found)


class TestWhoMay:
    async def test_be_a_partners_person(self, province: Province) -> None:
        desk = province.desk
        shop_id = str((await province.gateway.issue()) and province.gateway.partner_id)
        new = {"login": "sara.ahmadi", "name": "سارا", "role": "partner"}
        staff = {**new, "role": "secretary", "partner": shop_id}
        nobody = {**new, "partner": "00000000-0000-7000-8000-000000000009"}
        at_office = {**new, "partner": shop_id, "office": "KZ00001"}
        for body in (new, staff, nobody, at_office):
            assert (await desk.ask("POST", "/v1/staff", desk.admin, body)).status_code == 422
        made = await desk.ask("POST", "/v1/staff", desk.admin, {**new, "partner": shop_id})
        assert made.json()["partner"] == shop_id
        change = {"role": "secretary", "office": None}
        path = f"/v1/staff/{made.json()['id']}/role"
        assert (await desk.ask("PUT", path, desk.admin, change)).status_code == 422

    async def test_see_an_account(self, province: Province) -> None:
        """Its people with a second factor, or its key; nobody while it is suspended."""
        browser, account = await shop(province)
        seen(await browser.get(HERE), "A shop", "حساب همکار")
        person = province.staff["partner"]
        province.desk.wait(seconds=60)
        token = await province.desk.sign_in(person, code=province.desk.otp(person))
        assert await province.desk.status(token, "/v1/parcels") == 403  # nothing of the API
        suspend = f"/v1/partners/{account}/suspend"
        await province.desk.ask("POST", suspend, province.desk.admin)
        seen(await browser.get(HERE), status=403)
        officer = await province.browse("secretary")
        seen(await officer.get(HERE), status=403)


class TestAccount:
    async def test_keys_are_made_once_and_for_no_more_than_was_given(
        self, province: Province
    ) -> None:
        browser, account = await shop(province)
        at = f"{HERE}/keys"
        seen(await browser.get(at), "parcels:book", "آزمایشی")
        form = {"label": "ربات", "world": "live", "scopes_live": ["parcels:read"]}
        page = seen(await browser.post(at, data=form), "تنها همین یک بار")
        [key] = re.findall(r'id="secret">(susa_live_[\w-]+)<', page)
        client = province.gateway.client
        assert (await client.get("/v1/parcels", headers=bearer(key))).status_code == 200
        again = seen(await browser.post(at, data=form), "ربات", status=409)
        assert 'id="secret"' not in again
        beyond = {"label": "بیش", "world": "live", "scopes_live": ["scans:write"]}
        seen(await browser.post(at, data=beyond), "بیش", status=422)
        long = {**form, "label": "x" * 101}
        page = seen(await browser.post(at, data=long), "بیش از ۱۰۰ نویسه ننویسید", status=422)
        assert "characters" not in page
        english = await browser.post(f"{at}?lang=en", data=long)
        seen(english, "Write at most 100 characters.", status=422)
        await browser.get(f"{at}?lang=fa")
        events = await province.gateway.api.events("credential.issued")
        assert [event["subject"] for event in events if account in str(event)]

        [key_id] = re.findall(rf'action="{at}/([0-9a-f-]+)/rotate"', page)[:1]
        page = seen(await browser.post(f"{at}/{key_id}/rotate", data={"overlap_h": "۲"}))
        assert 'id="secret">susa_live_' in page
        wrong = await browser.post(f"{at}/{key_id}/networks", data={"networks": "here"})
        seen(wrong, status=422)
        seen(await browser.post(f"{at}/{key_id}/revoke"), "باطل")

    async def test_webhooks_parcels_and_money(self, province: Province) -> None:
        browser, _ = await shop(province)
        at = f"{HERE}/webhooks"
        bad = {"url": "http://10.0.0.1/", "events": ["parcel.*"]}
        seen(await browser.post(at, data=bad), "10.0.0.1", status=422)
        form: dict[str, Any] = fields_of(seen(await browser.get(at)), at)
        form |= {"url": "https://shop.example/hooks", "events": ["parcel.*", "claim.*"]}
        page = seen(await browser.post(at, data=form), "whsec_", "https://shop.example/hooks")
        one = re.findall(rf'action="({at}/[0-9a-f-]+)/test"', page)[0]
        again = seen(await browser.post(at, data=form), one)  # its answer was lost on the way
        secret = secret_of(page)
        assert secret_of(again) == secret
        page = seen(await browser.post(f"{one}/test"), "webhook.test", "در صف")
        assert "webhook.test" in (await browser.get(f"{one}?status=pending")).text
        dead = seen(await browser.get(f"{one}?status=dead"), 'value="dead" selected')
        assert "webhook.test" not in dead
        delivery = re.findall(rf'href="({one}/deliveries/[0-9a-f-]+)"', page)[0]
        seen(await browser.get(delivery), "webhook.test", "هنوز تلاشی")
        seen(await browser.post(f"{one}/replay", data={"hours": "24"}), "رویداد در صف")
        seen(await browser.post(f"{one}/disable"), "از کار افتاده")
        rotate = fields_of(seen(await browser.get(one)), f"{one}/rotate") | {"overlap_hours": "24"}
        fresh, same = [await browser.post(f"{one}/rotate", data=rotate) for _ in range(2)]
        assert secret != secret_of(fresh.text) == secret_of(same.text)
        for page_of in ("parcels", "settlements", "usage", "keys"):
            seen(await browser.get(f"{HERE}/{page_of}"), "A shop")
        seen(await browser.get(f"{HERE}?lang=en"), "Booked", "Within promise")
        seen(await browser.get(f"{HERE}/parcels/{'1' * 24}"), status=404)


class TestSandbox:
    async def test_lives_are_told_as_they_are(self) -> None:
        for life in scripted.SUFFIXES:
            script = scripted.script(life, START, START + timedelta(days=2))
            told = sandbox.plan(life, START, START + timedelta(days=2))
            assert [(EVENT_WIRE[s.event], s.at) for s in script] == [
                (one["event"], one["at"]) for one in told
            ]
        assert set(scripted.SUFFIXES) == set(sandbox.LIVES)

    def test_what_is_ahead(self) -> None:
        planned = [{"event": event} for event in ("acceptance", "departure", "arrival")]
        assert sandbox.ahead(planned, [{"event": "acceptance"}]) == planned[1:]
        assert sandbox.ahead(planned, planned) == []
        assert sandbox.ahead(planned, []) == planned

    def test_how_far_the_clock_is_moved(self) -> None:
        """Whatever a form says: nothing of it is a crash."""
        assert [sandbox.step(typed) for typed in ("6", "۲۴", "7", "", "9" * 5_000)] == [
            *(6, 24),
            *(None,) * 3,
        ]
        assert sandbox.instant("") is None
        assert sandbox.ahead_of(START, 6) == START + timedelta(hours=6)
        with pytest.raises(Invalid):
            sandbox.instant("tomorrow")
        with pytest.raises(Invalid):
            sandbox.ahead_of(datetime.max.replace(tzinfo=UTC), 1)
        _, _, span = webhooks.asked("replay", {"hours": "9" * 5_000, "only_missing": ""}, [], START)
        assert span == {
            "since": (START - timedelta(hours=1)).isoformat(),
            "until": START.isoformat(),
            "only_missing": False,
        }

    async def test_a_sandbox_without_offices_says_so(self, province: Province) -> None:
        browser, _ = await shop(province)
        page = seen(await browser.get(f"{HERE}/sandbox"), "محیط آزمایشی")
        assert fields_of(page, f"{HERE}/sandbox/clock")["back"] == f"{HERE}/sandbox"
        seen(await browser.post(f"{HERE}/sandbox", data={"life": "NONE"}), status=404)


scope = st.sampled_from(["parcels:read", "parcels:book", "scans:write", "payments:execute"])


@given(st.lists(st.tuples(st.lists(scope), st.booleans(), st.sampled_from(["live", "test"]))))
def test_a_new_key_can_do_no_more_than_those_in_force(
    known: list[tuple[list[str], bool, str]],
) -> None:
    class Key:
        def __init__(self, scopes: list[str], world: str, *, revoked: bool) -> None:
            self.scopes, self.world, self.method = scopes, world, "api_key"
            self.revoked_at = START if revoked else None
            self.expires_at = None

    made = [Key(scopes, world, revoked=revoked) for scopes, revoked, world in known]
    live = set(keys.grantable(made, "live", START))
    assert live == {
        s for scopes, revoked, w in known if w == "live" and not revoked for s in scopes
    }
    assert set(keys.grantable(made, "test", START)) >= keys.SANDBOX
