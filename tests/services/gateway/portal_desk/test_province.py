"""The province's report over ASGI: each number leads on, and the files are files."""

import csv
import html
import io
import re
import uuid
from itertools import pairwise

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.portal_province import charts, counting, of_offices
from services.gateway.portal_province.domain import LEADS_TO, as_csv, code, text
from services.gateway.portal_province.tables import TABLES
from tests.factories.catalogue import add_services
from tests.factories.workforce import person
from tests.services.complaints.conftest import COMPLAINT
from tests.services.gateway.portal_desk.conftest import Province, seen

pytestmark = pytest.mark.anyio
Numbers = list[tuple[str, int]]


async def test_the_report_and_what_it_counts(province: Province) -> None:
    about = {"kind": "conduct", "office": None}
    body = {**COMPLAINT, "about": about, "category": "conduct"}
    filed = await province.gateway.client.post("/v1/complaints", json=body)
    assert filed.status_code == 201
    manager = await province.browse("province_manager")
    page = seen(
        await manager.get("/portal/province?period=۱۳۹۸"),
        "گزارش ۱۳۹۸",
        "data:image/svg",
        "max-width: 40rem",
    )
    assert "http://" not in re.sub(r"data:[^\"]+", "", page)
    known = {f"/portal/province/counted/{what}" for what in (*TABLES, "partners")}
    leads = {
        path.partition("?")[0] for path in re.findall(r'href="(/portal/province/c[^"]+)"', page)
    }
    assert leads - {"/portal/province/coverage"} <= known
    assert "/portal/province/counted/people" in leads
    for what in (*TABLES, "partners"):
        more = "&measure=accepted&by=product" if what.startswith("transit") else ""
        more += "&service=police.plates" if what == "records" else ""
        answer = await manager.get(f"/portal/province/counted/{what}?period=1398{more}")
        seen(answer, "بازگشت به گزارش")
    seen(await manager.get("/portal/province/counted/nothing"), status=404)
    seen(await manager.get("/portal/province?period=soon"), status=422)

    ageing = seen(await manager.get("/portal/province/counted/ageing?by=category"), "رفتار")
    [one] = set(re.findall(r'href="(/portal/cases/all\?[^"]*filed_after[^"]*)"', ageing))
    seen(await manager.get(one.replace("&amp;", "&")), filed.json()["number"])

    table = await manager.get("/portal/province/report.csv?period=1398&lang=en")
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert rows[0] == ["Figure", "Value", "Before", "Growth"]
    assert [row[0] for row in rows[1:]] == list(LEADS_TO)
    for lang in ("fa", "en"):
        paper = await manager.get(f"/portal/province/report.pdf?period=1398&lang={lang}")
        assert paper.content.startswith(b"%PDF")
    seen(await manager.get("/portal/province/coverage?lang=fa"), "به تفکیک شهرستان", "data-map")
    wrong = await manager.get("/portal/province/counted/partners?period=x")
    seen(wrong, status=422)
    clerk = await province.browse("secretary")
    seen(await clerk.get("/portal/province"), status=403)


async def listed(manager: httpx.AsyncClient, href: str) -> list[list[str]]:
    """The cells of all rows of a list, over all its pages."""
    rows: list[list[str]] = []
    following: str | None = href
    while following:
        page = seen(await manager.get(html.unescape(following)), "<h1>")
        found = re.findall(r"<tr[^>]*>(.*?)</tr>", page.partition("<tbody>")[2], re.DOTALL)
        cells = (re.split(r"</t[hd]>", re.sub(r"<(?!/t[hd])[^>]*>", "", row)) for row in found)
        rows += [[cell.strip() for cell in row] for row in cells]
        following = next(iter(re.findall(r'rel="next" href="([^"]+)"', page)), None)
    return rows


async def numbers_of(manager: httpx.AsyncClient, what: str, *, period: str = "1398") -> Numbers:
    """Each number of a table that leads on: its address, and what it says."""
    path = f"/portal/province/counted/{what}?period={period}&lang=en"
    page = seen(await manager.get(path), "<h1>")
    found = re.findall(r'<td class="num"><a href="([^"]+)">([\d,]+)</a></td>', page)
    return [(href, int(shown.replace(",", ""))) for href, shown in found]


async def test_a_list_has_as_many_as_its_number_says(
    province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over all pages, of one row each."""
    for module in (counting, of_offices):
        monkeypatch.setattr(module, "PAGE_ROWS", 1)
    office = await province.new_office()
    await add_services(province.sisters["offices"], "police.plates", "police.fines")
    for number, employment in (("1", "payroll"), ("2", "payroll"), ("3", "contract")):
        hired = person(number, office, employment=employment)
        await province.ask("POST", "/v1/workforce/people", hired, "workforce:write")
    done = {"office": office, "day": "2019-03-21", "electronic": False}
    records = [
        {**done, "record_id": str(uuid.uuid4()), "service": service, "count": count}
        for service, count in (("police.plates", 3), ("police.plates", 4), ("police.fines", 5))
    ]
    recorded = {"records": records}
    await province.ask("POST", "/v1/services/performed", recorded, "services:record")
    await cases(province)
    await province.gateway.issue(kind="shop")
    await province.gateway.api.database.hot.execute(
        "INSERT INTO partner_active (month, partner) VALUES (139801, $1)",
        province.gateway.partner_id,
    )
    manager = await province.browse("province_manager")

    happened = await numbers_of(manager, "complaints")
    assert sorted(shown for _, shown in happened) == [1, 1, 2, 3]
    at_work = await numbers_of(manager, "people")
    assert [shown for href, shown in at_work if "kind=" in href] == [3]
    for href, shown in happened + at_work:
        assert len(await listed(manager, href)) == shown, href
    performed = await numbers_of(manager, "performed")
    assert sorted(shown for _, shown in performed) == [5, 7]
    for href, shown in performed:
        assert sum(int(row[3]) for row in await listed(manager, href)) == shown, href
    report = seen(await manager.get("/portal/province?period=1398&lang=en"), "Online shops")
    [(href, shown)] = re.findall(r'<a href="([^"]+kind=shop)">(\d+)</a>', report)
    assert len(await listed(manager, href)) == int(shown) == 1


async def cases(province: Province) -> None:
    """Three, of which two were answered, one is closed and one came back."""
    about = {"kind": "conduct", "office": None}
    numbers = []
    for _ in range(3):
        body = {**COMPLAINT, "about": about, "category": "conduct"}
        filed = await province.gateway.client.post("/v1/complaints", json=body)
        numbers.append(filed.json()["number"])
    for number in numbers[:2]:
        for act, said in (("answers", {"text": "x"}), ("close", None)):
            path = f"/v1/complaints/{number}/{act}"
            await province.ask("POST", path, said, "complaints:answer")
    again = f"/v1/complaints/{numbers[0]}/reopen"
    await province.ask("POST", again, {"text": "x"}, "complaints:answer")


@given(st.floats(0, 1e12), st.integers(2, 10))
def test_a_scale_is_of_few_round_numbers_and_holds_all(high: float, most: int) -> None:
    made = charts.ticks(high, most)
    assert made[0] == 0
    assert made[-1] >= high
    assert len(made) <= most + 1
    steps = {after - before for before, after in pairwise(made)}
    assert all(str(step).strip("0") in {"1", "2", "5"} for step in steps)
    assert len(steps) <= 1


def test_a_phone_is_given_a_narrow_chart() -> None:
    drawn = charts.lying(["a", "b"], {"x": [1, None], "y": [0, 3]}, "fa")
    share = charts.intervals(["a", "b"], [(50, 40, 60), None], "en")
    for picture in (drawn, share, charts.lines(["a", "b"], {"x": [1, 2]}, "fa")):
        for source, frame in ((picture.wide, charts.WIDE), (picture.narrow, charts.NARROW)):
            svg = charts.svg_of(source)
            assert f'viewBox="0 0 {frame.width} ' in svg
            assert f"font-size:{frame.font_px}px" in svg


def test_no_cell_is_a_formula() -> None:
    made = as_csv(["a", "b"], [[text("=1+1"), code("@x")], [text("-2"), text("plain")]])
    assert made.decode("utf-8-sig") == "a,b\r\n'=1+1,'@x\r\n'-2,plain\r\n"
