"""Files of cases: type by their bytes, size, hash; who may see which; nothing lost or left."""

import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.complaints.attachments import domain, service
from services.complaints.attachments.domain import PER_CASE_MAX, SIZE_BYTES_MAX
from services.complaints.attachments.files import Folder
from tests.conftest import Api
from tests.services.complaints.conftest import COMPLAINT, STAFF, File, secret

pytestmark = pytest.mark.anyio

PNG = b"\x89PNG\r\n\x1a\n" + b"p" * 5000
PDF = b"%PDF-1.7\n" + b"d" * 100


def path(filed: Any, rest: str = "") -> str:
    return f"/v1/complaints/{filed['number']}/attachments{rest}"


async def send(
    api: Api, filed: Any, content: Any, *, staff: bool = False, query: str = "", kind: str = ""
) -> Any:
    headers = api.headers(*STAFF) if staff else secret(filed)
    if kind:
        headers["Content-Type"] = kind
    return await api.client.post(path(filed) + query, content=content, headers=headers)


def on_disk(folder: Path) -> list[Path]:
    return [found for found in folder.rglob("*") if found.is_file()]


class TestAttachments:
    async def test_comes_back_as_it_was(self, api: Api, file: File, tmp_path: Path) -> None:
        filed = await file()
        added = await send(api, filed, PNG, query="?name=عکس.png", kind="image/png")
        assert added.status_code == 201, added.text
        body = added.json()
        assert body["sha256"] == hashlib.sha256(PNG).hexdigest()
        assert (body["media_type"], body["size_bytes"], body["name"]) == (
            "image/png",
            5008,
            "عکس.png",
        )
        assert (await send(api, filed, PNG)).json() == body  # sent twice, kept once
        (kept,) = on_disk(tmp_path)
        assert kept.read_bytes() == PNG
        assert kept.name == body["id"]
        for headers in (secret(filed), api.headers("complaints:read")):
            got = await api.client.get(path(filed, f"/{body['id']}"), headers=headers)
            assert (got.status_code, got.content) == (200, PNG)
            assert got.headers["content-type"] == "image/png"
            assert got.headers["content-disposition"].startswith("attachment")
            assert got.headers["x-content-type-options"] == "nosniff"
            assert got.headers["repr-digest"].startswith("sha-256=:")
        assert len(await api.events("case.attached")) == 1
        stored = await api.database.hot.fetchval("SELECT count(*) FROM case_attachment")
        assert stored == 1

    async def test_who_may_see_which(self, api: Api, file: File) -> None:
        filed = await file()
        joined = (await api.client.post("/v1/complaints", json=COMPLAINT)).json()
        assert joined["joined"] is True
        own = (await send(api, filed, PNG)).json()
        theirs = (await send(api, joined, PDF)).json()
        public = (await send(api, filed, PNG + b"!", staff=True)).json()
        hidden = (await send(api, filed, PDF + b"!", staff=True, query="?internal=true")).json()
        for who, seen in (
            (secret(filed), [own, public]),
            (secret(joined), [theirs, public]),
            (api.headers(*STAFF), [own, theirs, public, hidden]),
        ):
            listed = (await api.client.get(path(filed), headers=who)).json()["attachments"]
            assert sorted(one["id"] for one in listed) == sorted(one["id"] for one in seen)
            for one in (own, theirs, public, hidden):
                got = await api.client.get(path(filed, f"/{one['id']}"), headers=who)
                assert got.status_code == (200 if one in seen else 404)
        stranger = await api.client.get(path(filed), headers={"Susa-Case-Secret": "x"})
        assert stranger.status_code == 404
        assert (await send(api, {**filed, "secret": "x"}, PNG)).status_code == 404

    async def test_what_is_refused_leaves_nothing(
        self, api: Api, file: File, tmp_path: Path
    ) -> None:
        filed = await file()
        for content, kind, status in (
            (b"MZ\x90\x00", "", 422),
            (b"", "", 422),
            (b"<svg onload=alert(1)>", "image/png", 422),
            (PNG, "application/pdf", 422),
            (PNG + b"x" * SIZE_BYTES_MAX, "", 413),
            (b"x" * 6_000_000, "", 413),
        ):
            refused = await send(api, filed, content, kind=kind)
            assert refused.status_code == status, refused.text
            assert refused.headers["content-type"] == "application/problem+json"
        await api.database.hot.execute(
            "UPDATE complaint_case SET attachment_count = $1", PER_CASE_MAX
        )
        full = await send(api, filed, PNG)
        assert (full.status_code, full.json()["code"]) == (409, "too_many_attachments")
        assert on_disk(tmp_path) == []

    @pytest.mark.parametrize(
        "name", ["a%0D%0AX-Evil: 1", '"; filename=evil.exe', "../../etc/passwd"]
    )
    async def test_a_name_is_only_a_name(
        self, api: Api, file: File, tmp_path: Path, name: str
    ) -> None:
        filed = await file()
        added = await send(api, filed, PNG, query=f"?name={name}")
        if added.status_code == 201:
            (kept,) = on_disk(tmp_path)
            assert kept.name == added.json()["id"]
            got = await api.client.get(path(filed, f"/{added.json()['id']}"), headers=secret(filed))
            assert (got.status_code, got.content) == (200, PNG)
            assert "x-evil" not in got.headers
            shown = got.headers["content-disposition"].removeprefix("attachment; ")
            assert not set(shown) & set(";/\\")
        refused = await send(api, filed, PNG, query="?name=a%00b")
        assert refused.status_code == 422

    async def test_is_hashed_as_it_streams(self, api: Api, file: File) -> None:
        async def pieces() -> AsyncIterator[bytes]:
            for n in range(0, len(PNG), 7):
                yield PNG[n : n + 7]

        added = await send(api, await file(), pieces())
        assert added.json()["sha256"] == hashlib.sha256(PNG).hexdigest()

    async def test_what_no_row_knows_is_swept_after_a_day(
        self, api: Api, file: File, tmp_path: Path
    ) -> None:
        filed = await file()
        kept = (await send(api, filed, PNG)).json()
        folder = Folder(tmp_path / "live")
        orphan = UUID(int=(UUID(kept["id"]).int >> 80 << 80) | (uuid4().int & (1 << 80) - 1))
        folder.path(orphan).write_bytes(PDF)
        uploaded = domain.day_of(orphan)
        now = api.clock.at.replace(year=1970, month=1, day=1) + timedelta(days=uploaded)
        assert await service.sweep(api.database, folder, now) == 0
        assert await service.sweep(api.database, folder, now + timedelta(days=2)) == 1
        assert [found.name for found in on_disk(tmp_path)] == [kept["id"]]


@given(st.binary(max_size=16), st.text(max_size=30))
def test_only_known_bytes_have_a_type(head: bytes, declared: str) -> None:
    found = domain.sniff(head)
    assert found is None or found in domain.MEDIA_TYPES
    assert not (found and domain.contradicts("application/octet-stream", found))
    if found and declared in domain.MEDIA_TYPES:
        assert domain.contradicts(declared, found) == (declared != found)
