"""Public pages, each for what people come for."""

import re
from dataclasses import dataclass
from typing import Any, Final

import pytest
from playwright.sync_api import Response, expect

from tests.pages.conftest import Post, Visitor

WEIGHT_MAX: Final = 100_000
SPACED: Final = re.compile(r"(.{4})")


@dataclass(frozen=True)
class Parcels:
    on_its_way: str
    delivered: str
    origin: str


@pytest.fixture(scope="module")
def parcels(post: Post) -> Parcels:
    here = post.new_office()
    there = post.new_office(
        town="dezful", name="دفتر پستی دزفول شمالی", latitude=32.38, longitude=48.41
    )
    first, second = (post.book(here, cod_rials=250_000) for _ in range(2))
    way = [("acceptance", here), ("departure", here), ("arrival", there)]
    post.scan(first, *way)
    post.scan(second, *way, ("out_for_delivery", there), ("delivered", there))
    return Parcels(first, second, here)


def persian(number: str) -> str:
    return number.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))


class TestTrack:
    def test_a_number_as_it_was_pasted(self, visitor: Visitor, parcels: Parcels) -> None:
        page = visitor.page
        visitor.go("/")
        visitor.checked("home")
        number = persian(SPACED.sub(r"\1 ", parcels.on_its_way))
        page.fill("#numbers", number)
        page.click("form[action='/track'] button")
        page.wait_for_url(f"**/track/{parcels.on_its_way}")
        town = "دزفول" if visitor.language == "fa" else "Dezful"
        expect(page.locator(".timeline .now")).to_contain_text(town)

        page.fill("#phone_last_four", "۰۰۰۰")
        page.click("form[method=post] button")
        expect(page.get_by_role("alert")).to_be_visible()
        page.fill("#phone_last_four", persian("6789"))
        page.click("form[method=post] button")
        cash = "۲۵۰٬۰۰۰ ریال" if visitor.language == "fa" else "250,000 rials"
        expect(page.get_by_text(cash)).to_be_visible()
        expect(page.get_by_role("link", name="دفتر پستی دزفول شمالی")).to_be_visible()
        visitor.checked("track")

    def test_several_and_one_that_is_none(self, visitor: Visitor, parcels: Parcels) -> None:
        page = visitor.page
        visitor.go("/track")
        page.fill("#numbers", f"{parcels.delivered}\n{parcels.on_its_way}, 123")
        page.click("form[action='/track'] button")
        rows = page.locator("tbody tr")
        expect(rows).to_have_count(3)
        visitor.checked("track-many")
        rows.first.get_by_role("link").click()
        expect(page.locator(".status.ok")).to_be_visible()
        visitor.go("/track")
        expect(page.locator("#recent")).to_contain_text(parcels.delivered)
        visitor.go("/track/610000000000000000000000")
        expect(page.get_by_role("alert")).to_be_visible()
        visitor.checked("track-unknown")

    def test_without_a_script_and_its_weight(self, scriptless: Visitor, parcels: Parcels) -> None:
        page = scriptless.page
        answers: dict[str, Response] = {}

        def answered(one: Response) -> None:
            answers[one.url] = one

        page.on("response", answered)
        page.goto(f"{scriptless.base}/track/{parcels.delivered}", wait_until="networkidle")
        weights = {url: int(one.headers["content-length"]) for url, one in answers.items()}
        assert len(weights) > 1
        assert sum(weights.values()) < WEIGHT_MAX, weights

        page.goto(f"{scriptless.base}/track")
        page.fill("#numbers", parcels.delivered)
        page.click("form[action='/track'] button")
        expect(page.locator(".timeline")).to_contain_text("دزفول")


class TestFind:
    def test_near_me_on_the_map(self, visitor: Visitor) -> None:
        page = visitor.page
        visitor.go("/find")
        expect(page.locator("#map[data-ready]")).to_be_attached()
        page.click("#locate")
        page.wait_for_url("**here=31.3183*")
        distance = re.compile("متر" if visitor.language == "fa" else r"\d k?m\b")
        expect(page.locator(".offices li").first).to_contain_text(distance)
        expect(page.locator("#map[data-ready]")).to_be_attached()
        visitor.checked("find")
        page.locator(".offices a").first.click()
        expect(page.locator("table")).to_be_visible()
        visitor.checked("office")

    def test_who_does_a_service(self, visitor: Visitor) -> None:
        page = visitor.page
        visitor.go("/find")
        page.select_option("#service", "civil-registration.national-card")
        page.select_option("#town", "dezful")
        page.click("#find button:not([type=button])")
        expect(page.locator("main ul li").first).to_be_visible()
        expect(page.locator(".offices li").first).to_be_visible()
        visitor.checked("find-service")


class TestPrice:
    def test_lines_and_promise(self, visitor: Visitor) -> None:
        page = visitor.page
        visitor.go("/price")
        page.fill("#weight_g", "۴۵۰")
        page.select_option("#destination_province", "fars")
        page.click("main form button")
        expect(page.locator("main .big")).to_contain_text(
            "ریال" if visitor.language == "fa" else "rials"
        )
        expect(page.locator("tr.total")).to_be_visible()
        visitor.checked("price")
        page.fill("#weight_g", "صد")
        page.click("main form button")
        expect(page.locator(".field.wrong #weight_g")).to_have_value("صد")


class TestComplain:
    def test_from_filing_to_rating(self, visitor: Visitor, post: Post, parcels: Parcels) -> None:
        page = visitor.page
        visitor.go(f"/complain?barcode={parcels.delivered}")
        page.fill("#text", "مرسوله دیر رسید.")
        page.fill("#name", "مریم احمدی")
        page.fill("#phone", "۱۲")
        page.click("#complain button")
        expect(page.locator(".field.wrong #phone")).to_have_value("۱۲")
        expect(page.locator("#text")).to_have_value("مرسوله دیر رسید.")
        visitor.checked("complain")
        page.fill("#phone", "۰۹۱۲۳۴۵۶۷۸۹")
        page.click("#complain button")
        expect(page.locator(".facts .code")).to_have_count(2)
        number, secret = page.locator(".facts .code").all_inner_texts()
        visitor.checked("complain-filed")

        post.ask("POST", f"/v1/complaints/{number}/answers", {"text": "بررسی شد."})
        page.context.clear_cookies()
        visitor.go("/complain/follow")
        page.fill("#number", number)
        page.fill("#secret", "no")
        page.click("main form button")
        expect(page.get_by_role("alert")).to_be_visible()
        page.fill("#secret", secret)
        page.click("main form button")
        expect(page.locator(".thread .staff")).to_contain_text("بررسی شد.")
        assert secret not in page.url
        visitor.checked("complain-case")
        self._contested(visitor, post, number)
        self._rated(visitor)

    def _contested(self, visitor: Visitor, post: Post, number: str) -> None:
        page = visitor.page
        page.click("details summary")
        page.fill("#text", "هنوز نرسیده است.")
        page.click("details button")
        expect(page.locator(".thread")).to_contain_text("هنوز نرسیده است.")
        post.ask("POST", f"/v1/complaints/{number}/answers", {"text": "پیگیری شد."})
        page.reload()
        page.click(f"form[action$='{number}/accept'] button")
        expect(page.locator("form[action$='/reopen']")).to_be_attached()
        post.ask("POST", f"/v1/complaints/{number}/close")  # which asks for an opinion
        page.reload()

    def _rated(self, visitor: Visitor) -> None:
        page = visitor.page
        page.click("a[href^='/rate#']")
        page.click("input[name=score][value='4']")
        page.fill("#words", "خوب بود")
        visitor.checked("rate")
        page.click("main form button")
        expect(page.locator(".box.ok")).to_be_visible()
        assert "secret" not in page.url
        visitor.checked("rated")


def test_everything_is_unchanged_by_a_second_click(post: Post) -> None:
    """The same form, sent twice, files one complaint."""
    form: dict[str, Any] = {
        "key": "7b0e38c6-26a2-4a57-9f0f-3fd4b5f3f3a1",
        "kind": "website",
        "category": "website",
        "text": "سایت کند است",
        "name": "رضا",
        "phone": "09123456789",
    }
    sent = {"Sec-Fetch-Site": "same-origin"}
    pages = [post.client.post("/complain", data=form, headers=sent) for _ in range(2)]
    found = {re.findall(r"C-\d{4}-\d{7}-\d", page.text)[0] for page in pages}
    assert len(found) == 1
