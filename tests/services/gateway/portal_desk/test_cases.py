"""The complaint officer's pages over ASGI, before the real services."""

from typing import Any

import pytest

from services.gateway.portal_cases import domain as cases
from tests.services.complaints.conftest import COMPLAINT
from tests.services.gateway.portal_desk.conftest import Province, fields_of, seen

pytestmark = pytest.mark.anyio
COMPLAINANT: Any = COMPLAINT["complainant"]


async def filed(province: Province) -> dict[str, Any]:
    body = {**COMPLAINT, "about": {"kind": "conduct", "office": None}, "category": "conduct"}
    answer = await province.gateway.client.post("/v1/complaints", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_from_the_queue_to_the_answer(province: Province) -> None:
    case = await filed(province)
    number, at = case["number"], f"/portal/cases/{case['number']}"
    officer = await province.browse("complaints_officer")
    seen(await officer.get("/portal/cases"), number, "رفتار", "نخستین پاسخ")
    seen(await officer.get("/portal/cases?lang=en"), "Conduct", "First response", "left")
    await officer.get("/portal/cases?lang=fa")  # a language chosen is kept
    seen(await officer.get("/portal/cases?state=sideways"), "بعضی از مقدارها")
    page = seen(await officer.get(at), number, COMPLAINANT["name"])

    form = fields_of(page, f"{at}/assess") | {"severity": "high", "text": "فوری است"}
    seen(await officer.post(f"{at}/assess", data=form), "پیشنهاد سامانه", "فوری است", "زیاد")
    page = seen(await officer.post(f"{at}/confirm"), "تعیین شد")
    wrong = await officer.post(f"{at}/overrule", data={"kind": "office", "reason": "دفتر دیگر"})
    seen(wrong, "دفتر دیگر", status=422)

    take = fields_of(page, f"{at}/assign")
    seen(await officer.post(f"{at}/assign", data=take), status=422)  # nobody's officer yet
    seen(await officer.get("/portal/cases?mine=1"), "به من هم پرونده بسپارید")
    seen(await officer.post("/portal/cases/officers", data={"level": "county"}), status=422)
    page = seen(await officer.post("/portal/cases/officers", data={"level": "province"}))
    assert "به من هم پرونده بسپارید" not in page
    page = seen(await officer.post(f"{at}/assign", data=take), "خودم")
    seen(await officer.get("/portal/cases?mine=1"), number)

    answer = fields_of(page, f"{at}/answer") | {"text": "پوزش می‌خواهیم."}
    for _ in range(2):  # a double click
        page = seen(await officer.post(f"{at}/answer", data=answer), "پوزش می‌خواهیم.")
    assert page.count("پوزش می‌خواهیم.") == 1
    note = fields_of(page, f"{at}/note") | {"text": "تنها برای ما"}
    page = seen(await officer.post(f"{at}/note", data=note), "درون‌سازمانی", "تنها برای ما")
    page = seen(await officer.get("/portal/cases?mine=1"), "هیچ مهلتی در جریان نیست")
    assert number not in page  # answered: nothing of it is due
    seen(await officer.get("/portal/cases/all?category=conduct&open=true"), number)
    seen(await officer.post(f"{at}/close"), "بسته")
    own = await province.gateway.client.get(
        f"/v1/complaints/{number}", headers={"Susa-Case-Secret": case["secret"]}
    )
    assert [said["text"] for said in own.json()["messages"]][1:] == ["پوزش می‌خواهیم."]

    seen(await officer.get("/portal/cases/C-1398-0000999-3"), status=404)
    seen(
        await officer.get("/portal/cases/C-1398-0000999-4"), status=422
    )  # its last digit does not fit
    seen(await officer.post(f"{at}/dance"), status=404)
    seen(await officer.get("/portal/meetings"), "اجازه", status=403)
    assert (await province.gateway.client.get(at)).headers["location"].startswith("/portal/sign-in")


def test_a_party_is_a_number() -> None:
    typed = {"text": "x", "party": "9" * 5_000}
    assert cases.ACTS["answer"].body(typed) == {"text": "x", "party": "9" * 5_000}
    assert cases.ACTS["answer"].body({"text": "x", "party": "۲"}) == {"text": "x", "party": 2}


async def test_pages_of_compensation(province: Province) -> None:
    """Their lists and refusals; the whole way of a claim is in tests/pages."""
    officer = await province.browse("compensation_officer")
    seen(await officer.get("/portal/cases/claims"), "غرامت‌ها")
    seen(await officer.get("/portal/cases/charge-backs"), "بازگشت به دفتر")
    nowhere = "/portal/cases/claims/00000000-0000-7000-8000-000000000001"
    seen(await officer.get(nowhere), status=404)
    seen(await officer.post(f"{nowhere}/approve", data={"amount_rials": "۱۰"}), status=404)
    seen(await officer.post(f"{nowhere}/assess"), "اجازه", status=403)
    reader = await province.browse("complaints_officer")
    seen(await reader.post(f"{nowhere}/approve"), "اجازه", status=403)
    refused = {"barcode": "1" * 24, "cause": "loss", "case": "C-1398-0000001-1"}
    seen(await reader.post("/portal/cases/claims", data=refused), status=422)
