"""The portal's shell: a role's home by password, and a clerk's own device with its key and PIN."""

import pyotp
from playwright.sync_api import expect

from tests.pages.conftest import Post, SignIn, Visitor


def test_home_by_role(visitor: Visitor, post: Post, sign_in: SignIn) -> None:
    visitor.go("/portal")
    visitor.checked("portal-sign-in")
    sign_in(visitor, post.hire("province_manager"))
    expect(visitor.page.locator(".links a[href='/portal/province']")).to_be_visible()
    visitor.checked("portal-home")
    visitor.page.click(".tools form button")
    expect(visitor.page.locator(".box.ok")).to_be_visible()
    visitor.page.goto(f"{visitor.base}/portal")
    assert "/portal/sign-in" in visitor.page.url


def test_a_second_factor(visitor: Visitor, post: Post) -> None:
    person, page = post.hire("finance_officer"), visitor.page
    visitor.go("/portal/sign-in")
    page.fill("#login", person.login)
    page.fill("#password", person.password)
    page.click("form[action='/portal/sign-in'] button")
    page.wait_for_url("**/portal/second-factor")
    page.click("main form button")
    expect(page.locator("img.qr")).to_be_visible()
    visitor.checked("portal-second-factor")
    page.fill("#code", pyotp.TOTP(page.locator("main .code").inner_text()).now())
    page.click("main form button")
    page.wait_for_url("**/portal")
    expect(page.locator(".links a").first).to_be_visible()


def test_a_device_and_its_pin(visitor: Visitor, post: Post) -> None:
    page = visitor.page
    new = {"login": f"clerk-{visitor.language}", "name": "متصدی", "role": "clerk"}
    staff = post.ask("POST", "/v1/staff", {**new, "office": post.new_office()})
    code = post.ask("POST", f"/v1/staff/{staff['id']}/device-codes")["code"]
    visitor.go("/portal/device")
    expect(page.locator("#unknown")).to_be_visible()
    visitor.go("/portal/device/enrol")
    page.fill("#code", code)
    page.fill("#name", "تبلت باجه")
    page.fill("#pin", "۴۸۲۹۱۷")
    visitor.checked("portal-enrol")
    page.click("main form button")
    expect(page.locator("#enrolled[data-kept]")).to_be_visible()
    page.click("#enrolled a.button")
    expect(page.locator("#device-name")).to_have_text("تبلت باجه")
    page.fill("#pin", "482910")
    page.click("main form button")
    expect(page.get_by_role("alert")).to_be_visible()
    page.fill("#pin", "482917")
    visitor.checked("portal-device")
    page.click("main form button")
    page.wait_for_url("**/portal")
    expect(page.locator(".links a[href='/portal/counter']")).to_be_visible()
