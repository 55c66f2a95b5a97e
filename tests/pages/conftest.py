"""One Susa and one browser for all tests of pages; whoever visits is watched.

Screenshots go to build/screenshots/. A page may ask no other host, log no error, and have no
serious finding of axe-core.
"""

import os
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import axe_playwright_python
import httpx
import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Error,
    Geolocation,
    Page,
    Request,
    ViewportSize,
    expect,
    sync_playwright,
)

from tests.conftest import Templates
from tests.e2e.actors import PATIENCE_S
from tests.e2e.environment import Environment, running
from tests.e2e.processes import ROOT
from tests.factories.offices import office
from tests.factories.parcels import order, scan

CHROMIUM: Final = os.environ.get("SUSA_CHROMIUM") or shutil.which("chromium")
SCREENSHOTS: Final = ROOT / "build" / "screenshots"
PHONE: Final[ViewportSize] = {"width": 360, "height": 740}
DESK: Final[ViewportSize] = {"width": 1280, "height": 800}
NARROW: Final[ViewportSize] = {"width": 320, "height": 640}
SIZES: Final = {"phone": PHONE, "desk": DESK}
SOAK: Final = os.environ.get("SUSA_SOAK") == "1"
AXE_AT: Final = {"fa": "phone", "en": "desk"}
"""Where axe looks in each language (`make soak`: in both sizes): half of a page's test is axe."""
AHVAZ: Final[Geolocation] = {"latitude": 31.3183, "longitude": 48.6706}
WAIT_MS: Final = 120_000
AXE: Final = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
SERIOUS: Final = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations
    .filter((one) => ["serious", "critical"].includes(one.impact))
    .map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(" | ")}`)"""
PASSWORD: Final = "آسمان آبی کارون ۹۸"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.soak)


@dataclass
class Visitor:
    """Somebody at a browser: `page` is playwright's."""

    page: Page
    base: str
    language: str
    faults: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        joiner = "&" if "?" in path else "?"
        self.page.goto(f"{self.base}{path}{joiner}lang={self.language}")

    def checked(self, name: str) -> None:
        """The page as it stands: pictured and with axe in both sizes, no sideways scrolling at 320.

        Each test comes in both languages, so axe sees four pages of each.
        """
        for size, viewport in SIZES.items():
            self.page.set_viewport_size(viewport)
            target = SCREENSHOTS / f"{name}-{self.language}-{size}.png"
            self.page.screenshot(path=target, full_page=True, animations="disabled")
            if SOAK or size == AXE_AT[self.language]:
                self._axe(f"{name} {self.language} {size}")
        self.page.set_viewport_size(NARROW)
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= NARROW["width"], f"{name}: {wide} px wide at 320"

    def _axe(self, name: str) -> None:
        # evaluated, not added as a script: the page's own policy lets nobody add one
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE)
        found = self.page.evaluate(SERIOUS)
        assert found == [], f"{name}: {found}"

    def seen(self, request: Request) -> None:
        where = urlsplit(request.url)
        if where.scheme not in {"data", "blob"} and f"{where.scheme}://{where.netloc}" != self.base:
            self.faults.append(f"asked another host: {request.url}")

    def failed(self, error: Error) -> None:
        self.faults.append(str(error))

    def said(self, message: ConsoleMessage) -> None:
        """What a browser says of a page that is a 404 is no fault of the page."""
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.faults.append(message.text)


@dataclass(frozen=True)
class Person:
    id: str
    login: str
    password: str = PASSWORD


@dataclass
class Post:
    """A Susa with Khuzestan's offices; `ask` speaks to its API with every scope, or as `key`."""

    susa: Environment
    client: httpx.Client

    def ask(self, method: str, path: str, json: Any = None, **options: Any) -> Any:
        key = options.pop("key", self.susa.manager)
        headers = {**options.pop("headers", {}), "Idempotency-Key": str(uuid.uuid4())}
        if key:
            headers["Authorization"] = f"Bearer {key}"
        answer = self.client.request(method, path, json=json, headers=headers, **options)
        assert answer.is_success, f"{method} {path}: {answer.text}"
        return answer.json() if answer.content else None

    def new_office(self, **changes: Any) -> str:
        """Its code, once it takes bookings: parcels follows the registry."""
        code: str = self.ask("POST", "/v1/offices", office(**changes))["code"]
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                self.book(code)
            except AssertionError:
                assert time.monotonic() < deadline
                time.sleep(0.1)
            else:
                return code

    def book(self, at: str, **changes: Any) -> str:
        barcode: str = self.ask("POST", "/v1/parcels", order(at, **changes))["barcode"]
        return barcode

    def scan(self, barcode: str, *events: tuple[str, str]) -> None:
        scans = [scan(barcode, event, at) for event, at in events]
        results = self.ask("POST", "/v1/scans", {"scans": scans})["results"]
        assert [one["result"] for one in results] == ["recorded"] * len(scans), results

    def hire(self, role: str, office_code: str | None = None) -> Person:
        """A member of staff who signs in with a password."""
        login = f"p{uuid.uuid4().hex[:10]}"
        new = {"login": login, "name": "کارمند آزمون", "role": role, "office": office_code}
        made = self.ask("POST", "/v1/staff", new)
        code = self.ask("POST", f"/v1/staff/{made['id']}/password-codes")["code"]
        set_ = {"code": code, "password": PASSWORD}
        self.ask("POST", "/v1/staff/password", set_, key="")
        return Person(made["id"], login)


@pytest.fixture(scope="package")
def post(templates: Templates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Post]:
    if CHROMIUM is None:
        pytest.skip("no chromium here: Debian's package of that name, or SUSA_CHROMIUM")
    with running("one_process", templates, tmp_path_factory.mktemp("pages")) as susa:
        susa.susa("seed")
        with httpx.Client(base_url=susa.url, timeout=180, trust_env=False) as client:
            yield Post(susa, client)


@pytest.fixture(scope="package")
def browser(post: Post) -> Iterator[Browser]:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@contextmanager
def visiting(
    browser: Browser, base: str, language: str, *, script: bool = True
) -> Iterator[Visitor]:
    context = browser.new_context(
        viewport=PHONE,
        locale="fa-IR" if language == "fa" else "en-GB",
        timezone_id="Asia/Tehran",
        java_script_enabled=script,
        geolocation=AHVAZ,
        permissions=["geolocation"],
    )
    context.set_default_timeout(WAIT_MS)
    visitor = Visitor(context.new_page(), base, language)
    context.on("request", visitor.seen)
    visitor.page.on("pageerror", visitor.failed)
    visitor.page.on("console", visitor.said)
    try:
        yield visitor
        assert visitor.faults == []
    finally:
        context.close()


@pytest.fixture(params=["fa", "en"])
def visitor(request: pytest.FixtureRequest, browser: Browser, post: Post) -> Iterator[Visitor]:
    """In each language; both sizes are looked at by `checked`."""
    with visiting(browser, post.susa.url, request.param) as made:
        yield made


@pytest.fixture
def scriptless(browser: Browser, post: Post) -> Iterator[Visitor]:
    """Persian, and no JavaScript."""
    with visiting(browser, post.susa.url, "fa", script=False) as made:
        yield made


SignIn = Callable[[Visitor, Person], None]


@pytest.fixture
def sign_in() -> SignIn:
    """On the portal's page, as people do."""

    def enter(visitor: Visitor, person: Person) -> None:
        visitor.go("/portal/sign-in")
        visitor.page.fill("#login", person.login)
        visitor.page.fill("#password", person.password)
        visitor.page.click("form[action='/portal/sign-in'] button")
        visitor.page.wait_for_url("**/portal")

    return enter
