"""Clerk, sorter and courier, each at the main task of a day."""

import time
import uuid
from dataclasses import dataclass
from typing import Any, Final

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.actors import PATIENCE_S
from tests.pages.conftest import PHONE, Post, SignIn, Visitor

PIN: Final = "482917"
SENT: Final = ".bar-state[data-state=sent]"
KEPT: Final = "#courier[data-offline=ready]"


@dataclass(frozen=True)
class Places:
    here: str
    there: str


@pytest.fixture(scope="module")
def places(post: Post) -> Places:
    there = post.new_office(town="dezful", latitude=32.4, longitude=48.4)
    return Places(post.new_office(), there)


def on_device(visitor: Visitor, post: Post, role: str, office: str) -> None:
    """Enrolled by the office's code and signed in by PIN, as clerks and couriers do."""
    page = visitor.page
    login = f"p{uuid.uuid4().hex[:10]}"
    new = {"login": login, "name": "کارمند آزمون", "role": role, "office": office}
    staff = post.ask("POST", "/v1/staff", new)
    code = post.ask("POST", f"/v1/staff/{staff['id']}/device-codes")["code"]
    visitor.go("/portal/device/enrol")
    page.fill("#code", code)
    page.fill("#name", "گوشی")
    page.fill("#pin", PIN)
    page.click("main form button")
    expect(page.locator("#enrolled[data-kept]")).to_be_visible()
    page.click("#enrolled a.button")
    expect(page.locator("#device-name")).to_have_text("گوشی")
    page.fill("#pin", PIN)
    page.click("main form button")
    page.wait_for_url("**/portal")


def accepted(post: Post, office: str, count: int, **changes: Any) -> list[str]:
    barcodes = [post.book(office, **changes) for _ in range(count)]
    for barcode in barcodes:
        post.scan(barcode, ("acceptance", office))
    return barcodes


def scans(page: Page, code: str, result: str) -> None:
    """A scanner types and presses Enter; the row comes and the field is ready for the next."""
    field = page.locator(".scan [data-code]")
    expect(field).to_be_focused()
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    row = page.locator("#rows > li").first
    expect(row).to_have_attribute("data-result", result)
    expect(field).to_have_value("")


class TestClerk:
    def test_accepts_and_books_with_keyboard_and_scanner(
        self, visitor: Visitor, post: Post, places: Places
    ) -> None:
        page = visitor.page
        elsewhere = post.book(places.here)
        on_device(visitor, post, "clerk", places.here)
        visitor.go("/portal/counter")
        scans(page, elsewhere, "recorded")
        scans(page, elsewhere, "already")
        scans(page, "6100", "malformed")
        expect(page.locator("#rows > li")).to_have_count(3)
        assert post.ask("GET", f"/v1/parcels/{elsewhere}")["status"] == "accepted"
        visitor.checked("counter")

        visitor.go("/portal/counter/book")
        expect(page.locator("#weight_g")).to_be_focused()
        page.keyboard.type("۱٬۲۵۰" if visitor.language == "fa" else "1250")
        page.keyboard.press("Enter")
        expect(page.locator(".lines .sum")).to_be_visible()  # priced before people are asked for
        fields = {
            "recipient_name": "مریم احمدی",
            "recipient_phone": "09123456789",
            "recipient_address": "دزفول، خیابان شریعتی",
            "sender_name": "فروشگاه کارون",
            "sender_phone": "06133334444",
            "sender_address": "اهواز، خیابان نادری",
        }
        for name, value in fields.items():
            page.fill(f"#{name}", value)
        visitor.checked("counter-book")
        page.locator("button[value=book]").press("Enter")
        page.wait_for_url("**/portal/counter/parcels/*")
        expect(page.locator(".box.ok")).to_be_visible()
        visitor.checked("counter-parcel")
        barcode = page.url.split("/parcels/")[1][:24]
        label = page.request.get(f"{visitor.base}/portal/counter/parcels/{barcode}/label")
        assert label.body().startswith(b"%PDF")
        assert post.ask("GET", f"/v1/tracking/{barcode}")["status"] == "accepted"

        page.click(".acts a.quiet")  # the next one, of the same sender
        page.click("[data-same]")
        expect(page.locator("#sender_name")).to_have_value(fields["sender_name"])

    def test_hands_over_bags_and_closes_the_day(
        self, visitor: Visitor, post: Post, places: Places
    ) -> None:
        page = visitor.page
        office = post.new_office()  # whose drawer no other test has closed
        items = accepted(post, office, 2)
        (paid,) = accepted(post, office, 1, cod_rials=1_250_000)
        post.scan(paid, ("held_at_counter", office), ("delivered", office))
        on_device(visitor, post, "clerk", office)

        visitor.go("/portal/sorting/bags")
        page.fill("#to_office", places.there)
        page.keyboard.press("Enter")
        page.wait_for_url("**/portal/sorting/bags/BG*")
        bag = page.url.rpartition("/")[2]
        for item in items:
            scans(page, item, "packed")
        expect(page.locator("#content li")).to_have_count(2)
        visitor.checked("sorting-bag-open")
        page.fill("#seal", "AHV-1")
        page.keyboard.press("Enter")
        expect(page.locator("#facts")).to_contain_text("AHV-1")
        visitor.go("/portal/counter/handover")
        visitor.checked("counter-handover")
        scans(page, bag, "recorded")
        expect(page.locator("#waiting table")).to_have_count(0)
        assert post.ask("GET", f"/v1/tracking/{items[0]}")["status"] == "in_transit"

        deadline = time.monotonic() + PATIENCE_S
        while post.ask("GET", f"/v1/drawers/{office}")["items"] != 1:
            assert time.monotonic() < deadline, "nobody took the cash"
            time.sleep(0.1)
        visitor.go("/portal/counter/cash")
        page.fill("#counted_rials", "۱٬۲۴۰٬۰۰۰")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_be_visible()
        page.fill("#note", "اسکناس پاره")
        visitor.checked("counter-cash")
        page.keyboard.press("Enter")
        expect(page.locator("tbody")).to_contain_text("اسکناس پاره")
        (closed,) = post.ask("GET", f"/v1/drawers/{office}/closes")["items"]
        assert closed["difference_rials"] == -10_000


def test_a_sorter_opens_a_bag_and_settles_what_is_missing(
    visitor: Visitor, post: Post, places: Places, sign_in: SignIn
) -> None:
    page = visitor.page
    items = accepted(post, places.here, 3)
    bag = _on_its_way(post, places, items)
    sign_in(visitor, post.hire("custody_officer"))
    visitor.go("/portal/sorting")
    visitor.checked("sorting-office")
    page.fill("#office", places.there)
    page.keyboard.press("Enter")
    page.wait_for_url("**/portal/sorting?office=*")
    expect(page.get_by_text(places.there).first).to_be_visible()
    visitor.checked("sorting")
    page.locator("#code").focus()
    page.keyboard.type(bag)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/portal/sorting/bags/{bag}")
    page.click("button[value=unloaded]")
    page.locator("#items").focus()
    for item in items[:2]:
        page.keyboard.type(item)
        page.keyboard.press("Enter")
    expect(page.locator(".checks .found")).to_have_count(2)
    visitor.checked("sorting-opening")
    page.click("button[value=opened]")
    expect(page.locator("#opened .rows .bad")).to_have_count(1)
    visitor.checked("sorting-opened")

    visitor.go("/portal/sorting/discrepancies")
    visitor.checked("sorting-discrepancies")
    page.select_option("#kind", "missing_at_opening")
    page.check("#all")
    page.click("form[method=get] button")
    page.locator("tbody a").first.click()
    visitor.checked("sorting-discrepancy")
    barcode = items[2]
    expect(page.locator(".timeline")).to_be_visible()
    page.fill("#reason", "روی نوار نقاله پیدا شد")
    page.click("button[value=close]")
    page.wait_for_url("**/portal/sorting/discrepancies")
    found = post.ask("GET", f"/v1/parcels/{barcode}/discrepancies")["items"]
    assert {one["closed_by"] for one in found if one["kind"] == "missing_at_opening"} == {
        "decision"
    }


def _on_its_way(post: Post, places: Places, items: list[str]) -> str:
    made = post.ask("POST", "/v1/bags", {"from_office": places.here, "to_office": places.there})
    bag: str = made["bag"]
    at = made["created_at"]
    packed = [
        {"barcode": item, "event": "packed", "event_id": str(uuid.uuid4()), "office": places.here}
        for item in items
    ]
    body = {"items": [one | {"occurred_at": at} for one in packed]}
    post.ask("POST", f"/v1/bags/{bag}/items", body)
    for event in ("closed", "loaded"):
        one = {"bag": bag, "event": event, "event_id": str(uuid.uuid4()), "office": places.here}
        post.ask("POST", "/v1/bag-scans", {"scans": [one | {"occurred_at": at}]})
    return bag


class TestCourier:
    def test_delivers_where_there_is_no_network(
        self, visitor: Visitor, post: Post, places: Places
    ) -> None:
        barcodes = accepted(post, places.here, 3, cod_rials=850_000)
        self._goes_out(visitor, post, places.here, barcodes)
        self._delivers_offline(visitor, *barcodes[:2])
        assert self._delivered(post, barcodes[0]) == 0
        page = visitor.page
        page.context.set_offline(False)
        expect(page.locator(SENT)).to_be_visible()
        expect(page.locator(".stops .over")).to_have_count(2)
        assert [self._delivered(post, one) for one in barcodes] == [1, 1, 0]
        page.reload()
        expect(page.locator(".stops .over")).to_have_count(2)
        assert self._delivered(post, barcodes[0]) == 1
        proof = post.ask("GET", f"/v1/parcels/{barcodes[0]}/proof")
        assert [image["kind"] for image in proof["images"]] == ["signature"]
        self._comes_back(visitor, barcodes[2])
        assert post.ask("GET", f"/v1/tracking/{barcodes[2]}")["status"] == "returning"

    def _goes_out(self, visitor: Visitor, post: Post, office: str, barcodes: list[str]) -> None:
        page = visitor.page
        courier = f"{office}-{visitor.language.upper()}"
        person = {"name": "رضا کریمی", "phone": "09121112233"}
        post.ask("POST", "/v1/couriers", {"code": courier, "office": office, **person})
        on_device(visitor, post, "courier", office)
        visitor.go("/portal/courier")
        visitor.checked("courier-who")
        page.click(f"button[value='{courier}']")
        page.wait_for_url("**/portal/courier")
        visitor.go("/portal/courier/round")
        page.fill("#items", "\n".join(barcodes))
        visitor.checked("courier-round")
        page.click("button[value=plan]")
        page.wait_for_url("**/portal/courier")
        expect(page.locator(".stops button")).to_have_count(3)
        expect(page.locator(SENT)).to_be_visible()
        expect(page.locator(KEPT)).to_have_count(1)
        visitor.checked("courier-run")
        page.set_viewport_size(PHONE)

    def _delivers_offline(self, visitor: Visitor, first: str, second: str) -> None:
        page = visitor.page
        page.context.set_offline(True)
        self._signs(visitor, first)
        page.fill("#find", second[-6:])
        page.keyboard.press("Enter")
        page.check("input[name=method][value=national_id]")
        page.fill("#national_id", "0084575949")
        page.click("dialog form > button")
        expect(page.locator("[data-wrong]")).to_be_visible()  # the check digit, before it is sent
        page.fill("#national_id", "۰۰۸۴۵۷۵۹۴۸")
        page.check("#national_card_seen")
        page.click("dialog form > button")
        waiting = {"fa": "در نوبت ارسال", "en": "to be sent"}[visitor.language]
        noted = page.locator(".stops .badge.warn", has_text=waiting)
        expect(noted).to_have_count(2)
        page.reload()
        expect(page.locator(".stops button")).to_have_count(3)
        expect(noted).to_have_count(2)
        expect(page.locator(".bar-state")).to_have_attribute("data-state", "offline")
        visitor.checked("courier-offline")

    def _comes_back(self, visitor: Visitor, third: str) -> None:
        page = visitor.page
        page.locator(f"[data-code='{third}']").click()
        page.check("input[name=kind][value=attempt]")
        page.select_option("#reason", "refused")
        expect(page.locator("#action")).to_have_value("return_to_sender")
        visitor.checked("courier-attempt")
        page.click("dialog form > button")
        expect(page.locator(SENT)).to_be_visible()
        page.click("details[data-part=log] summary")
        expect(page.locator("[data-part=records] .badge.ok")).to_have_count(3)
        visitor.checked("courier-sent")
        visitor.go("/portal/courier/round")
        visitor.checked("courier-back")
        page.click("button[value=back]")
        expect(page.locator("button[value=plan]")).to_be_visible()

    def _signs(self, visitor: Visitor, barcode: str) -> None:
        page = visitor.page
        page.locator(f"[data-code='{barcode}']").click()
        page.check("input[name=method][value=signature]")
        page.click("dialog form > button")
        expect(page.locator("[data-wrong]")).to_be_visible()  # nobody has signed yet
        page.locator("canvas").scroll_into_view_if_needed()
        box = page.locator("canvas").bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 30, box["y"] + box["height"] / 2)
        page.mouse.down()
        for step in range(1, 9):
            down = (step % 2) * 30 - 15
            page.mouse.move(box["x"] + 30 + step * 25, box["y"] + box["height"] / 2 + down, steps=3)
        page.mouse.up()
        visitor.checked("courier-sign")
        page.set_viewport_size(PHONE)
        page.click("dialog form > button")
        expect(page.locator("dialog[open]")).to_have_count(0)

    def _delivered(self, post: Post, barcode: str) -> int:
        events = post.ask("GET", f"/v1/parcels/{barcode}/events")["events"]
        return [event["event"] for event in events].count("delivered")
