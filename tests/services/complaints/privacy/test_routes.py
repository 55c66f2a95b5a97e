"""A complainant's own data: told and erased; the case and its clocks remain."""

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Api
from tests.services.complaints.cases.test_filing import everything
from tests.services.complaints.conftest import COMPLAINT, STAFF, File, secret

pytestmark = pytest.mark.anyio

PHONE = "09161234567"
PNG = b"\x89PNG\r\n\x1a\n" + b"p" * 50
OTHER = {
    **COMPLAINT,
    "text": "حرف دیگری",
    "complainant": {"name": "علی رضایی", "phone": "09120000001"},
}


def files(folder: Path) -> list[Path]:
    return [found for found in folder.rglob("*") if found.is_file()]


async def ask(api: Api, method: str, path: str, body: Any = None, **headers: str) -> Any:
    token = headers or api.headers(*STAFF)
    return await api.client.request(method, path, json=body, headers=token)


async def test_erased_by_its_owner(api: Api, file: File, tmp_path: Path) -> None:
    filed = await file()
    path = f"/v1/complaints/{filed['number']}"
    joined = (await api.client.post("/v1/complaints", json=OTHER)).json()
    await api.client.post(f"{path}/attachments?name=mine", content=PNG, headers=secret(filed))
    await ask(api, "POST", f"{path}/answers", {"text": "پاسخ ما"})
    before = (await ask(api, "GET", path)).json()

    (part,) = (await ask(api, "GET", f"{path}/personal-data", **secret(filed))).json()["parts"]
    assert (part["name"], part["phone"]) == ("زهرا احمدی", "+989161234567")
    assert [m["text"] for m in part["messages"]] == ["بسته هنوز نرسیده است"]
    assert [a["name"] for a in part["attachments"]] == ["mine"]
    stranger = await ask(api, "DELETE", f"{path}/personal-data", **{"Susa-Case-Secret": "x"})
    assert stranger.status_code == 404

    erased = await ask(api, "DELETE", f"{path}/personal-data", **secret(filed))
    assert erased.json() == {"numbers": [filed["number"]], "attachments": 1, "calls": 0}
    again = await ask(api, "DELETE", f"{path}/personal-data", **secret(filed))
    assert again.json() == {"numbers": [filed["number"]], "attachments": 0, "calls": 0}
    dump = await everything(api)
    for word in ("زهرا", "9161234567", "هنوز نرسیده", "mine"):
        assert word not in dump
    assert files(tmp_path) == []

    # the case, its clocks, what staff said and the other complainant remain
    after = (await ask(api, "GET", path)).json()
    for name in ("status", "stages", "filed_at", "answered_at", "category", "snapshot"):
        assert after[name] == before[name]
    assert after["complainant"] is None
    assert [m["text"] for m in after["messages"]] == [None, "حرف دیگری", "پاسخ ما"]
    assert [c["name"] for c in after["complainants"]] == ["علی رضایی"]
    own = (await ask(api, "GET", path, **secret(filed))).json()
    assert [m["text"] for m in own["messages"]] == [None, "پاسخ ما"]
    assert (await ask(api, "GET", path, **secret(joined))).status_code == 200
    gone = after["attachment_count"]
    assert gone == 1
    (file_,) = (await ask(api, "GET", f"{path}/attachments")).json()["attachments"]
    assert (file_["name"], file_["erased_at"] is not None) == (None, True)
    fetched = await ask(api, "GET", f"{path}/attachments/{file_['id']}")
    assert (fetched.status_code, fetched.json()["code"]) == (410, "attachment_erased")
    assert len(await api.events("case.erased")) == 1


async def test_of_a_number_by_staff(api: Api, file: File) -> None:
    first = await file()
    call = (await ask(api, "POST", "/v1/contact-centre/calls", {"phone": PHONE})).json()
    complaint = {"about": {"kind": "website"}, "category": "website", "text": "ب", "name": "زهرا"}
    calls = f"/v1/contact-centre/calls/{call['id']}"
    second = (await ask(api, "POST", f"{calls}/cases", complaint)).json()
    await ask(api, "POST", f"{calls}/end", {"outcome": "other", "note": "زهرا خانم بود"})
    export = (await ask(api, "POST", "/v1/complainants/export", {"phone": PHONE})).json()["parts"]
    assert [(p["number"], p["channel"], len(p["calls"])) for p in export] == [
        (first["number"], "web", 0),
        (second["number"], "phone", 1),
    ]
    erased = (await ask(api, "POST", "/v1/complainants/erase", {"phone": PHONE})).json()
    assert erased == {
        "numbers": [first["number"], second["number"]],
        "attachments": 0,
        "calls": 1,
    }
    dump = await everything(api)
    for word in ("زهرا", "9161234567"):
        assert word not in dump
    kept = (await ask(api, "GET", calls)).json()
    assert (kept["phone"], kept["note"], kept["cases"]) == (None, None, [second["number"]])
    assert (await ask(api, "GET", f"{calls}/caller")).status_code == 422
    assert (await ask(api, "POST", "/v1/complainants/export", {"phone": PHONE})).json() == {
        "parts": []
    }
    refused = await ask(
        api, "POST", "/v1/complainants/export", {"phone": PHONE}, **api.headers("complaints:read")
    )
    assert refused.status_code == 403
