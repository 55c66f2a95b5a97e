"""The province's report over ASGI: each number leads on, and the files are files."""

import csv
import io
import re

import pytest

from services.gateway.portal_province.domain import LEADS_TO, as_csv, code, text
from services.gateway.portal_province.tables import TABLES
from tests.services.complaints.conftest import COMPLAINT
from tests.services.gateway.portal_desk.conftest import Province, seen

pytestmark = pytest.mark.anyio


async def test_the_report_and_what_it_counts(province: Province) -> None:
    about = {"kind": "conduct", "office": None}
    body = {**COMPLAINT, "about": about, "category": "conduct"}
    filed = await province.gateway.client.post("/v1/complaints", json=body)
    assert filed.status_code == 201
    manager = await province.browse("province_manager")
    page = seen(await manager.get("/portal/province?period=۱۳۹۸"), "گزارش ۱۳۹۸", "data:image/svg")
    assert "http://" not in re.sub(r"data:[^\"]+", "", page)
    known = {f"/portal/province/counted/{what}" for what in (*TABLES, "partners")}
    leads = {
        path.partition("?")[0] for path in re.findall(r'href="(/portal/province/c[^"]+)"', page)
    }
    assert leads - {"/portal/province/coverage"} <= known
    assert "/portal/province/counted/people" in leads
    for what in (*TABLES, "partners"):
        more = "&measure=accepted&by=product" if what.startswith("transit") else ""
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


def test_no_cell_is_a_formula() -> None:
    made = as_csv(["a", "b"], [[text("=1+1"), code("@x")], [text("-2"), text("plain")]])
    assert made.decode("utf-8-sig") == "a,b\r\n'=1+1,'@x\r\n'-2,plain\r\n"
