"""Cases that are not closed, counted for the gateway."""

import pytest

from shared.auth import service_caller
from tests.conftest import Api
from tests.services.complaints.conftest import COMPLAINT, OFFICE, STAFF, File

PARTNER = "00000000-0000-7000-8000-000000000001"

pytestmark = pytest.mark.anyio


async def test_of_an_office(api: Api, file: File) -> None:
    token = api.app.state.runtime.minter.token(service_caller("complaints"))
    sister = {"Authorization": f"Bearer {token}"}
    path = f"/internal/open-cases?office={OFFICE}"
    about = {"kind": "office", "office": OFFICE}
    none = (await api.client.get(path, headers=sister)).json()
    assert none == {"open": 0, "unanswered": 0, "oldest_filed_at": None}
    first, second = [await file(about=about, category="conduct") for _ in range(2)]
    await file()  # about a parcel
    complaint = {**COMPLAINT, "about": about, "category": "conduct"}
    own = api.headers("parcels:book", sub=PARTNER)
    filed = await api.client.post("/v1/complaints", json=complaint, headers=own)
    assert filed.status_code == 201, filed.text
    of_partner = await api.client.get(f"/internal/open-cases?partner={PARTNER}", headers=sister)
    assert of_partner.json()["open"] == 1
    for query in ("", f"?office={OFFICE}&partner={PARTNER}"):
        refused = await api.client.get(f"/internal/open-cases{query}", headers=sister)
        assert refused.status_code == 422
    staff = api.headers(*STAFF, kind="staff")
    answered = await api.client.post(
        f"/v1/complaints/{first['number']}/answers", json={"text": "بررسی شد"}, headers=staff
    )
    assert answered.status_code == 201, answered.text
    found = (await api.client.get(path, headers=sister)).json()
    assert found == {"open": 3, "unanswered": 2, "oldest_filed_at": "2019-03-21T08:00:00Z"}
    closed = await api.client.post(f"/v1/complaints/{first['number']}/close", headers=staff)
    assert closed.status_code == 200, closed.text
    assert (await api.client.get(path, headers=sister)).json()["open"] == 2
    assert second["number"] != first["number"]
    assert (await api.client.get(path)).status_code == 401
    assert (await api.client.get(path, headers=staff)).status_code == 403
