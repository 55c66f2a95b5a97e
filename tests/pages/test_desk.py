"""The desk's pages, each role's main task as its people do it."""

import re
import uuid
from typing import Any

import pyotp
from playwright.sync_api import expect

from tests.factories.licensing import application
from tests.pages.conftest import PASSWORD, Person, Post, Visitor

GROUP = "/v1/working-group"


def enter(visitor: Visitor, person: Person) -> None:
    """Signs in, and sets the second factor up where the role needs one."""
    page = visitor.page
    visitor.go("/portal/sign-in")
    page.fill("#login", person.login)
    page.fill("#password", person.password)
    page.click("form[action='/portal/sign-in'] button")
    page.wait_for_load_state()
    if "second-factor" in page.url:
        page.click("main form button")
        page.fill("#code", pyotp.TOTP(page.locator("main .code").inner_text()).now())
        page.click("main form button")
        page.wait_for_url("**/portal")


def lost_parcel(post: Post) -> str:
    here, there = post.new_office(), post.new_office(town="dezful", latitude=32.38, longitude=48.41)
    barcode = post.book(here, declared_value_rials=5_000_000)
    post.scan(barcode, ("acceptance", here), ("departure", here), ("arrival", there))
    return barcode


def test_a_complaint_and_its_compensation(visitor: Visitor, post: Post) -> None:
    barcode, page = lost_parcel(post), visitor.page
    case = post.ask(
        "POST",
        "/v1/complaints",
        {
            "about": {"kind": "parcel", "barcode": barcode},
            "category": "loss",
            "complainant": {"name": "مریم احمدی", "phone": "09123456789"},
            "text": "بستهٔ من ده روز است که نرسیده است.",
        },
        key="",
    )
    enter(visitor, post.hire("complaints_officer"))
    visitor.go("/portal/cases")
    expect(page.locator("main table")).to_contain_text(case["number"])
    visitor.checked("desk-queue")
    page.click(f"text={case['number']}")
    at = f"/portal/cases/{case['number']}"
    page.select_option("#assess-severity", "high")
    page.fill("#assess-text", "از مرکز دزفول پیگیری شود")
    page.click(f"form[action='{at}/assess'] button")
    expect(page.locator("#liability .reasons").first).to_be_visible()
    page.click(f"form[action='{at}/confirm'] button")
    page.fill("#answer-text", "از دیرکرد پوزش می‌خواهیم؛ غرامت پرداخت می‌شود.")
    page.click(f"form[action='{at}/answer'] button")
    expect(page.locator("#thread")).to_contain_text("پوزش می‌خواهیم")
    visitor.checked("desk-case")
    page.locator("#claims summary").click()
    page.fill("#claim-loss_rials", "۴٬۰۰۰٬۰۰۰")
    page.click("form[action='/portal/cases/claims'] button")
    page.wait_for_url("**/portal/cases/claims/*")
    expect(page.locator("tr.total")).to_be_visible()
    visitor.checked("desk-claim")


def ready_application(post: Post) -> str:
    for seat in ("governor", "regulator"):
        known = post.ask("GET", f"{GROUP}/members?seat={seat}")["items"]
        if not known:
            body = {"seat": seat, "name": f"عضو {seat}", "valid_from": "2010-01-01"}
            post.ask("POST", f"{GROUP}/members", body)
    made = post.ask("POST", "/v1/applications", application())
    path = f"/v1/applications/{made['id']}/steps"
    step = {"version": made["version"], "transition": "complete", "text": "کامل است"}
    done = post.ask("POST", path, step)["application"]
    visit = {"transition": "visit", "text": "بازدید شد", "visited_on": "2026-01-01"}
    post.ask("POST", path, {**visit, "favourable": True, "version": done["version"]})
    return str(made["id"])


def test_a_meeting_votes(visitor: Visitor, post: Post) -> None:
    subject, page = ready_application(post), visitor.page
    soon = {"scheduled_for": "2026-12-01T06:00:00Z", "place": "استانداری"}
    meeting = post.ask("POST", f"{GROUP}/meetings", soon)["id"]
    at = f"/portal/meetings/{meeting}"
    enter(visitor, post.hire("secretary"))
    visitor.go(at)
    page.click(f"form[action='/portal/meetings/applications/{subject}/agenda'] button")
    page.click(f"form[action='{at}/open'] button")
    for seat in ("governor", "regulator"):
        page.click(f"form:has(input[value='{seat}']) button")
        expect(
            page.locator(f"form:has(input[value='{seat}']) button[aria-pressed=true]")
        ).to_be_visible()
    visitor.checked("desk-meeting")
    page.goto(f"{visitor.base}/portal")
    page.click(".tools form button")
    enter(visitor, post.hire("working_group_member"))
    visitor.go(at)
    page.click("#agenda ol a")
    expect(page.locator(".map[data-ready=yes]")).to_be_visible()
    for seat in ("governor", "regulator"):
        page.select_option("#seat", seat)
        page.click("button[value=for]")
        expect(page.locator("#votes")).to_contain_text(f"عضو {seat}")
    visitor.checked("desk-item")
    page.click("#votes form[action$='/decide'] button")
    page.click("form[action$='/decide'] button")
    expect(page.locator("#decisions .timeline")).to_be_visible()


def test_the_report_of_the_province(visitor: Visitor, post: Post) -> None:
    page = visitor.page
    enter(visitor, post.hire("province_manager"))
    visitor.go("/portal/province")
    expect(page.locator("main table").first).to_be_visible()
    visitor.checked("desk-province")
    page.locator("main table a[href*='counted/people']").first.click()
    expect(page.locator("h1")).to_be_visible()
    visitor.go("/portal/province/coverage")
    expect(page.locator(".map[data-ready=yes]")).to_be_visible()
    visitor.checked("desk-coverage")
    with page.expect_download() as paper:
        page.goto(f"{visitor.base}/portal/province")
        page.click("a[href*='report.pdf']")
    assert re.fullmatch(r"province-\d{4}\.pdf", paper.value.suggested_filename)


def person_of_a_shop(post: Post) -> Person:
    shop = post.ask("POST", "/v1/partners", {"kind": "shop", "name": "فروشگاه کارون"})
    login = f"p{uuid.uuid4().hex[:10]}"
    new: dict[str, Any] = {"login": login, "name": "سارا", "role": "partner", "partner": shop["id"]}
    made = post.ask("POST", "/v1/staff", new)
    code = post.ask("POST", f"/v1/staff/{made['id']}/password-codes")["code"]
    post.ask("POST", "/v1/staff/password", {"code": code, "password": PASSWORD}, key="")
    return Person(made["id"], login)


def test_a_partner_and_its_webhook(visitor: Visitor, post: Post) -> None:
    page = visitor.page
    enter(visitor, person_of_a_shop(post))
    visitor.go("/portal/partner")
    visitor.checked("desk-partner")
    visitor.go("/portal/partner/keys")
    page.fill("#label", "robot")
    page.click("form[action='/portal/partner/keys'] button")
    expect(page.locator("#secret")).to_contain_text("susa_test_")
    visitor.checked("desk-keys")
    visitor.go("/portal/partner/webhooks")
    page.fill("#url", "https://shop.example/hooks")
    page.click("form[action='/portal/partner/webhooks'] button")
    expect(page.locator("#secret")).to_contain_text("whsec_")
    page.click("form[action$='/test'] button")
    expect(page.locator("#deliveries")).to_contain_text("webhook.test")
    visitor.checked("desk-webhook")
    page.select_option("#status", "dead")
    page.click("form.filters button")
    expect(page.locator("#deliveries")).not_to_contain_text("webhook.test")
    visitor.go("/portal/partner/usage")
    visitor.checked("desk-usage")
    visitor.go("/portal/partner/sandbox")
    visitor.checked("desk-sandbox")
