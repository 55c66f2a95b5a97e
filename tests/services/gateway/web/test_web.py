"""What all pages are made of: languages, files, headers, problems."""

import re
import string

import httpx
import pytest

from services.gateway.web import numbers
from services.gateway.web.pages import own_path
from services.gateway.web.texts import LANGUAGES, read

pytestmark = pytest.mark.anyio


def names(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_say_the_same() -> None:
    fa, en = (read(language) for language in LANGUAGES)
    assert fa.keys() == en.keys()
    assert [key for key in fa if names(fa[key]) != names(en[key])] == []
    assert [key for key, text in (fa | en).items() if not text.strip()] == []


async def test_a_page_and_its_files(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/")
    assert '<html lang="fa" dir="rtl">' in page.text
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert "ratelimit" in page.headers
    files = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)
    assert files
    for path in files:
        file = await browser.get(path)
        assert file.status_code == 200
        assert "immutable" in file.headers["cache-control"]
        assert "ratelimit" not in file.headers
    known = {"If-None-Match": file.headers["etag"]}
    assert (await browser.get(path, headers=known)).status_code == 304
    assert "no-cache" in (await browser.get(path.split("?")[0])).headers["cache-control"]
    assert (await browser.get("/static/../web/pages.py")).status_code == 404
    assert (await browser.get("/static/%2e%2e/web/pages.py")).status_code == 404


async def test_the_language_is_kept(browser: httpx.AsyncClient) -> None:
    english = await browser.get("/?lang=en")
    assert '<html lang="en" dir="ltr">' in english.text
    assert '<html lang="en"' in (await browser.get("/")).text
    assert '<html lang="fa"' in (await browser.get("/?lang=fa")).text
    assert '<html lang="fa"' in (await browser.get("/?lang=de")).text


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/portal/cases?x=1", "/portal/cases?x=1"),
        ("//evil.test", "/d"),
        ("/\\evil.test", "/d"),
        ("https://evil.test/", "/d"),
        ("/a\r\nSet-Cookie: x", "/d"),
        ("", "/d"),
        ("//[", "/d"),  # what urlsplit raises for
    ],
)
def test_where_a_form_may_lead(text: str, path: str) -> None:
    assert own_path(text, "/d") == path


def test_what_is_typed_as_a_number() -> None:
    """However long it is: int() raises for some thousands of digits."""
    assert [numbers.whole(typed) for typed in ("۱۲", "7", "-1", "", "x")] == [12, 7, "-1", "", "x"]
    assert numbers.whole("9" * 5_000) == "9" * 5_000


def test_numbers_as_people_read_them() -> None:
    at = "2019-06-14T20:45:00Z"  # the 25th in Tehran already
    assert numbers.instant(at, "fa") == "۲۵ خرداد ۱۳۹۸، ۰۱:۱۵"
    assert numbers.instant(at, "en") == "15 June 2019, 01:15"
    assert numbers.day("2019-03-21", "fa", weekday=True) == "پنج‌شنبه ۱ فروردین ۱۳۹۸"
    assert numbers.short_day("2019-03-21", "fa") == "۱۳۹۸/۰۱/۰۱"
    assert numbers.rials(1234500, "fa") == "۱٬۲۳۴٬۵۰۰ ریال"
    assert numbers.number(-2.5, "fa") == "−۲٫۵"
    assert numbers.percent(83.44, "en") == "83.4%"
    assert numbers.duration(2 * 86400 + 3 * 3600 + 59, "fa") == "۲ روز و ۳ ساعت"
    assert numbers.duration(40, "en") == "0 min"
    assert numbers.metres(1234, "fa") == "۱٫۲ کیلومتر"
    assert numbers.rials(None, "fa") == numbers.NOTHING
