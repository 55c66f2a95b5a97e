"""Offices in from a file, row by row, and out again."""

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.offices.exchange import domain
from shared.text import persian_digits
from tests.conftest import Api
from tests.factories.offices import HOURS, WRITE, command, create

pytestmark = pytest.mark.anyio

DAYS = ("sat", "sun", "mon", "tue", "wed", "thu", "fri")


def row(number: int, **cells: str) -> dict[str, str]:
    """A good row of a file."""
    return {
        "external_key": f"old-{number}",
        "name": f"دفتر پیشخوان {number}",
        "kind": "pishkhan",
        "town": ("ahvaz", "veys", "dezful")[number % 3],
        "address": f"خیابان {number % 90}، پلاک {number}",
        "postal_code": "6135743337",
        "latitude": f"{31 + number * 104729 % 1000 / 1000:.4f}",
        "longitude": f"{48 + number * 7919 % 1000 / 1000:.4f}",
        **dict.fromkeys(DAYS[:6], "07:30-14:00"),
        "fri": "",
        **cells,
    }


def written(rows: list[dict[str, str]], *, delimiter: str = ",", start: str = "") -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, fieldnames=list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return (start + out.getvalue()).encode()


async def send(
    api: Api, body: bytes, *, what: str = "text/csv", status: int = 200, **params: Any
) -> dict[str, Any]:
    answer = await api.client.post(
        "/v1/offices/import",
        content=body,
        params=params,
        headers={**api.headers(WRITE), "Content-Type": what},
    )
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def export(api: Api, **params: Any) -> bytes:
    answer = await api.client.get("/v1/offices/export", params=params, headers=api.headers(WRITE))
    assert answer.status_code == 200, answer.text
    return answer.content


def counts(answer: dict[str, Any]) -> tuple[int, int, int, int]:
    return tuple(answer[name] for name in ("created", "changed", "unchanged", "refused"))


BAD = (
    ({"postal_code": "123"}, "postal_code"),
    ({"kind": "bank"}, "kind"),
    ({"latitude": "48.69"}, "latitude"),
    ({"sat": "14:00-07:30"}, "hours.sat"),
    ({"town": "nowhere"}, "no town"),
    ({"name": ""}, "name"),
    ({"external_key": ""}, "external_key"),
    ({"external_key": "old-1"}, "before this one"),
)


async def test_five_thousand_rows_of_which_two_hundred_are_bad(api: Api) -> None:
    """4,800 in, 200 named by row and reason, and the same file again changes nothing."""
    rows = [row(number) for number in range(1, 5001)]
    bad = {number: BAD[number // 25 % len(BAD)] for number in range(25, 5001, 25)}
    for number, (cells, _) in bad.items():
        rows[number - 1] |= cells
    body = written(rows)
    dry = await send(api, body, dry_run=True)
    assert counts(dry) == (4800, 0, 0, 200)
    assert (await api.client.get("/v1/offices")).json()["items"] == []
    answer = await send(api, body)
    assert counts(answer) == (4800, 0, 0, 200)
    results = answer["results"]
    assert [result["row"] for result in results] == list(range(1, 5001))
    refused = {r["row"]: r["problem"]["detail"] for r in results if r["result"] == "refused"}
    assert refused.keys() == bad.keys()
    for number, (_, reason) in bad.items():
        assert reason in refused[number], (number, refused[number])
    assert [r["code"] for r in results if r["result"] == "created"] == [
        f"KZ{n:05d}" for n in range(1, 4801)
    ]
    assert [{**r, "code": None} for r in results] == [{**r, "code": None} for r in dry["results"]]
    again = await send(api, body)
    assert counts(again) == (0, 0, 4800, 200)
    assert again["results"][0] == {**results[0], "result": "unchanged"}
    published = await api.database.hot.fetchval("SELECT count(*) FROM outbox")
    assert published == 4800
    found = await api.client.get("/v1/offices/search", params={"q": "پلاک 4999"})
    assert len(found.json()["items"]) == 1


class TestImport:
    async def test_changes_what_differs_and_tells_it(self, api: Api) -> None:
        first = await create(api, kind="sorting_centre")
        second = await create(api, sorting_centre=first["code"], owner={"kind": "post"})
        file = written([
            {"code": first["code"], "name": "مرکز تازه", "sorting_centre": ""},
            {"code": second["code"], "name": second["name"], "sorting_centre": "KZ۰۰۰۰۱"},
        ])  # fmt: skip
        dry = await send(api, file, dry_run=True)
        assert counts(dry) == (0, 1, 1, 0)
        assert (await api.client.get("/v1/offices/KZ00001")).json() == first
        assert counts(await send(api, file)) == (0, 1, 1, 0)
        changed = await api.client.get("/v1/offices/KZ00001")
        expected = {**first, "name": "مرکز تازه", "version": 2}
        assert changed.json() == expected
        assert (await api.client.get("/v1/offices/KZ00002")).json() == second
        (event,) = await api.events("office.changed")
        assert (event["subject"], event["data"]["office"]["name"]) == ("KZ00001", "مرکز تازه")
        found = await api.client.get("/v1/offices/search", params={"q": "تازه"})
        assert [item["office"]["code"] for item in found.json()["items"]] == ["KZ00001"]

    async def test_takes_files_as_people_make_them(self, api: Api) -> None:
        cells = {name: persian_digits(value) for name, value in row(1).items()}
        cells |= {"external_key": "یک", "kind": "pishkhan", "town": "ahvaz"}
        cells |= {"latitude": "۳۱٫۳۵", "sat": "۷:۳۰ – ۱۲:۰۰ ۱۶:۰۰-۱۹:۰۰", "sun": "تعطیل"}
        cells |= {"capabilities": "pickup، counter", "capacity_per_day": "۱۲۰"}
        cells |= {"owner_kind": "company", "owner_name": "شرکت نمونه"}
        body = written([cells], delimiter=";", start="\ufeff")
        answer = await send(api, body, what="text/csv; charset=utf-8")
        assert counts(answer) == (1, 0, 0, 0), answer
        made = (await api.client.get("/v1/offices/KZ00001")).json()
        assert (made["latitude"], made["postal_code"]) == (31.35, "6135743337")
        assert made["hours"]["sat"] == ["07:30-12:00", "16:00-19:00"]
        assert (made["hours"]["sun"], made["capacity_per_day"]) == ([], 120)
        assert made["capabilities"] == ["counter", "pickup"]
        assert made["owner"] == {"kind": "company", "name": "شرکت نمونه"}
        assert counts(await send(api, body)) == (0, 0, 1, 0)

    async def test_refuses_row_by_row(self, api: Api) -> None:
        await create(api, kind="sorting_centre")
        await create(api)
        await command(api, "KZ00002/suspend", {"reason": "بازدید"})
        lines: list[tuple[dict[str, Any] | str | list[int], str]] = [
            ({"code": "KZ00099", "name": "دفتر"}, "office_not_found"),
            ({"code": "KZ99", "name": "دفتر"}, "invalid"),
            ({"name": "دفتر"}, "no_key"),
            ("{", "invalid"),
            ([1], "invalid"),
            ({"code": "KZ00002", "colour": "red"}, "invalid"),
            ({"code": "KZ00002", "name": "بد\x00"}, "twice_in_file"),
            ({"code": "KZ00001", "kind": "agency"}, "not_by_import"),
            ({"external_key": "a", **new(), "status": "closed"}, "not_by_import"),
            ({"external_key": "b", **new(sorting_centre="KZ00002")}, "not_a_sorting_centre"),
            ({"external_key": "c", **new(kind="subscriber_office")}, "historical_kind"),
            ({"external_key": "d", **new(latitude=1e999)}, "invalid"),
            ({"external_key": "e", **new(name="\ud800")}, "invalid"),
            ({"external_key": "f", **new(hours=5)}, "invalid"),
        ]
        body = "\n".join(x if isinstance(x, str) else json.dumps(x) for x, _ in lines).encode()
        answer = await send(api, body, what="application/x-ndjson")
        codes = [(r["problem"] or {}).get("code") for r in answer["results"]]
        assert codes == [code for _, code in lines]
        kept = {"code": "KZ00002", "status": "active"}
        answer = await send(api, json.dumps(kept).encode(), what="application/x-ndjson")
        assert answer["results"][0]["problem"]["code"] == "not_by_import"
        assert len(await api.events("office.created", "office.changed")) == 2

    async def test_one_bad_line_of_csv_spoils_no_other(self, api: Api) -> None:
        good = written([row(1)])
        body = good + b'x,"a"b\r\n' + b"1,2\xff\r\n" + b",".join([b"x"] * 40) + b"\r\n\r\n"
        body += written([row(2)]).split(b"\r\n", 1)[1] + b'x,"never closed\r\n'
        answer = await send(api, body)
        results = [result["result"] for result in answer["results"]]
        assert results == ["created", "refused", "refused", "refused", "created", "refused"]

    async def test_of_what_is_no_file(self, api: Api) -> None:
        good = written([row(1)])
        for body, what, status, code in (
            (good, "application/json", 415, "unknown_format"),
            (good, "", 415, "unknown_format"),
            (b"", "text/csv", 422, "unknown_columns"),
            (b"name,colour\r\n", "text/csv", 422, "unknown_columns"),
            (b"name,name\r\n", "text/csv", 422, "unknown_columns"),
            (b"name,sat\r\n", "text/csv", 422, "unknown_columns"),
            (good.decode().encode("utf-16"), "text/csv", 422, "unknown_columns"),
            (b'"name\r\n', "text/csv", 422, "unknown_columns"),
            (b"{}\n" * 10_001, "application/x-ndjson", 413, "too_many_rows"),
            (b"x" * (5 * 1024 * 1024 + 1), "text/csv", 413, "too_large"),
        ):
            assert (await send(api, body, what=what, status=status))["code"] == code, (
                body[:9],
                what,
            )
        assert (await send(api, b"", what="application/x-ndjson"))["rows"] == 0
        for headers, status in ((None, 401), (api.headers("parcels:book"), 403)):
            answer = await api.client.post("/v1/offices/import", content=good, headers=headers)
            assert answer.status_code == status
            answer = await api.client.get("/v1/offices/export", headers=headers)
            assert answer.status_code == status


def new(**fields: Any) -> dict[str, Any]:
    body = {name: value for name, value in row(1).items() if name not in {*DAYS, "external_key"}}
    return {**body, "hours": HOURS, **fields}


class TestExport:
    async def test_comes_back_as_it_went(self, api: Api) -> None:
        """More offices than a batch, so that batches meet; formulas are made safe, and undone."""
        rows = [row(number) for number in range(1, 500)]
        rows[0] |= {"name": "=1+1", "address": '@cmd, "x"\n\'=y'}
        rows[1] |= {"name": domain.safe("'=1+1"), "fri": "08:00-09:00 10:00-11:00"}
        assert counts(await send(api, written(rows))) == (499, 0, 0, 0)
        centre = await create(api, kind="sorting_centre", founded_on="2001-05-05")
        await create(api, sorting_centre=centre["code"], owner={"kind": "person", "name": "مریم ا"})
        await create(api, owner={"kind": "company", "name": "+شرکت"}, capabilities=[])
        await command(api, "KZ00003/suspend", {"reason": "بازدید"})
        before = (await api.client.get("/v1/offices?limit=200")).content
        for what, media in domain.MEDIA_TYPES.items():
            file = await export(api, format=what)
            assert "مریم" not in file.decode()
            assert counts(await send(api, file, what=media)) == (0, 0, 502, 0)
        assert (await api.client.get("/v1/offices?limit=200")).content == before
        cells = list(csv.DictReader(io.StringIO((await export(api)).decode("utf-8-sig"))))
        assert [line["code"] for line in cells] == [f"KZ{n:05d}" for n in range(1, 503)]
        assert not [cell for line in cells for cell in line.values() if cell[:1] in set("=+-@")]
        assert (cells[0]["name"], cells[1]["name"]) == ("'=1+1", "''=1+1")
        assert json.loads((await export(api, format="ndjson")).splitlines()[0])["name"] == "=1+1"
        some = await export(api, format="ndjson", status="suspended", town="ahvaz")
        assert [json.loads(line)["code"] for line in some.splitlines()] == ["KZ00003"]
        empty = await export(api, kind="rural_ict")
        assert empty.decode("utf-8-sig") == domain.write_header()


class TestCells:
    @given(st.text(st.characters(codec="utf-8")) | st.text(alphabet="'=+-@\t\rx"))
    @settings(max_examples=100)
    def test_safe_and_back(self, cell: str) -> None:
        assert domain.plain(domain.safe(cell)) == cell
        assert domain.safe(cell)[:1] not in set("=+-@\t\r＝＋－＠")
