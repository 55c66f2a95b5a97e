"""Open311 GeoReport v2: a client of the standard files and follows; documents are as agreed."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

import httpx
import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.complaints.open311 import repository
from services.complaints.open311.domain import SERVICES, written
from shared.identifiers import format_barcode
from tests.conftest import START, Api
from tests.services.complaints.conftest import BARCODE, OFFICE, STAFF, File, Sisters, history
from tests.services.complaints.open311.standard import GeoReport, read_xml

pytestmark = pytest.mark.anyio

SCHEMAS: Final = Path(__file__).parents[5] / "shared/data/georeport-v2"
BASE: Final = "/open311/v2"
FORM: Final = {
    "service_code": "delay",
    "description": "بسته هنوز نرسیده است",
    "attribute[barcode]": BARCODE,
    "first_name": "زهرا",
    "last_name": "احمدی",
    "phone": "۰۹۱۶۱۲۳۴۵۶۷",
    "email": "z@example.org",
    "lat": "31.3183",
    "long": "48.6706",
    "address_string": "اهواز، کیانپارس",
    "media_url": "https://example.org/1.jpg",
    "device_id": "of-another-vendor",
    "api_key": "is-not-needed",
    "attribute[colour]": "red",
}
needs_schemas = pytest.mark.skipif(
    not SCHEMAS.exists(),
    reason="the standard's schemas are not beside the repository (../shared/data/georeport-v2)",
)


def valid(name: str, document: Any) -> None:
    """By the standard's own schema; raises what is wrong."""
    read = {path.name: json.loads(path.read_text()) for path in SCHEMAS.glob("*.json")}
    schema = read[name]
    if "$ref" in schema.get("items", {}):  # of another file
        schema = {**schema, "items": read[schema["items"]["$ref"]]}
    jsonschema_rs.Draft202012Validator(schema, validate_formats=True).validate(document)


async def post(api: Api, form: str = "json", **changes: Any) -> httpx.Response:
    told = {key: value for key, value in {**FORM, **changes}.items() if value is not None}
    return await api.client.post(f"{BASE}/requests.{form}", data=told)


async def get(api: Api, path: str, *scopes: str) -> Any:
    headers = api.headers(*scopes) if scopes else {}
    answer = await api.client.get(f"{BASE}/{path}", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def plain(value: Any) -> Any:
    """A JSON document as XML can say it."""
    match value:
        case dict():
            return {key: plain(item) for key, item in value.items()}
        case list():
            return [plain(item) for item in value]
        case bool():
            return "true" if value else "false"
        case None:
            return None
        case _:
            return str(value) or None


class TestClient:
    @pytest.mark.parametrize("form", ["json", "xml"])
    async def test_of_the_standard_alone_files_and_follows(self, api: Api, form: str) -> None:
        client = GeoReport(api.client, f"http://test{BASE}/discovery", form)
        await client.discover()
        services = await client.services()
        service = next(one for one in services if "delay" in one["keywords"])
        knows = {"شمارهٔ مرسوله": BARCODE, "نام": "زهرا احمدی", "شمارهٔ تماس": "09161234567"}
        place = {"lat": "31.3", "long": "48.6"}
        filed = await client.file(service, knows, description="کجاست؟", **place)
        number = filed["service_request_id"]
        assert await client.number_of(filed["token"]) == number
        found = await client.request(number)
        assert (found["status"], found["service_code"]) == ("open", "delay")
        assert [one["service_request_id"] for one in await client.requests(status="open")] == [
            number
        ]
        path = f"/v1/complaints/{number}"
        case = (await api.client.get(path, headers=api.headers(*STAFF))).json()
        assert case["about"] == {"kind": "parcel", "barcode": BARCODE}
        assert case["messages"][0]["text"] == "کجاست؟"
        secret = filed["service_notice"].rpartition(" ")[2]  # for whoever reads the notice
        own = await api.client.get(path, headers={"Susa-Case-Secret": secret})
        assert own.status_code == 200
        api.clock.at = START + timedelta(days=1)
        for act, body in (("answers", {"text": "فردا"}), ("close", None)):
            headers = api.headers(*STAFF)
            await api.client.post(f"{path}/{act}", json=body, headers=headers)
        closed = await client.request(number)
        assert closed["status"] == "closed"
        assert closed["updated_datetime"] == "2019-03-22T08:00:00Z"
        assert closed["status_notes"] != found["status_notes"]


class TestDocuments:
    @needs_schemas
    async def test_are_valid_by_the_standards_schemas(self, api: Api) -> None:
        services = await get(api, "services.json")
        valid("services.json", services)
        for service in services:
            found = await get(api, f"services/{service['service_code']}.json")
            valid("service-definition.json", found)
        filed = [await post(api, service_code=code) for code in SERVICES]
        assert {told.status_code for told in filed} == {200}  # each is a category of cases
        numbers = {told.json()[0]["service_request_id"] for told in filed}
        for scopes in ((), STAFF):
            listed = await get(api, "requests.json", *scopes)
            valid("requests.json", listed)
            assert {one["service_request_id"] for one in listed} == numbers
        number = listed[0]["service_request_id"]
        valid("requests.json", await get(api, f"requests/{number}.json"))
        with pytest.raises(jsonschema_rs.ValidationError):
            valid("requests.json", [{**listed[0], "status": "lost"}])

    async def test_say_the_same_in_xml(self, api: Api) -> None:
        filed = (await post(api)).json()[0]
        paths = ["discovery", "services", "services/conduct", "requests"]
        paths += [f"requests/{filed['service_request_id']}", f"tokens/{filed['token']}"]
        for path in paths:
            xml = await api.client.get(f"{BASE}/{path}.xml", headers=api.headers(*STAFF))
            element = ET.fromstring(xml.content)  # noqa: S314 - our own answer
            told = plain(await get(api, f"{path}.json", *STAFF))
            # an empty list is an empty element
            assert read_xml(element) == told, path
        assert element.tag == "service_requests"

    async def test_tell_anyone_no_more_than_the_state(self, api: Api, file: File) -> None:
        await file()  # by another way: not to be followed here
        number = (await post(api)).json()[0]["service_request_id"]
        (public,) = await get(api, "requests.json")
        assert public["service_request_id"] == number
        text = json.dumps(public, ensure_ascii=False)
        for word in ("نرسیده", "زهرا", "0916", BARCODE, "31.3183", "کیانپارس", "example.org"):
            assert word not in text
        (told,) = await get(api, f"requests/{number}.json", "complaints:read")
        assert (told["description"], told["lat"]) == (FORM["description"], 31.3183)
        assert (told["address"], told["media_url"]) == (FORM["address_string"], FORM["media_url"])
        async with api.database.transaction() as session:
            await repository.erase_contact(session, int(number.split("-")[2]))
        (erased,) = await get(api, f"requests/{number}.json", "complaints:read")
        assert erased == public


class TestFiling:
    async def test_about_an_office_by_address_id(self, api: Api) -> None:
        changes = {"service_code": "conduct", "attribute[barcode]": None, "address_id": "kz-۰۰۰۱۲"}
        filed = await post(api, "xml", **changes)
        assert filed.status_code == 200
        (found,) = await get(api, "requests.json")
        assert (found["service_code"], found["address_id"]) == ("conduct", OFFICE)

    async def test_a_retry_under_its_key_files_once(self, api: Api) -> None:
        keyed = {"Idempotency-Key": "k-1"}
        path = f"{BASE}/requests.json"
        first, again = [await api.client.post(path, data=FORM, headers=keyed) for _ in range(2)]
        assert first.status_code == 200
        assert first.headers["cache-control"] == "no-store"  # it has a secret
        assert again.content == first.content
        assert len(await get(api, "requests.json")) == 1

    async def test_when_parcels_is_down(self, api: Api, sisters: Sisters) -> None:
        sisters.down = {"parcels"}
        assert (await post(api)).status_code == 200

    async def test_refusals_are_in_the_standards_words(self, api: Api) -> None:
        wrong: list[tuple[dict[str, Any], int, str]] = [
            ({"service_code": None}, 400, "service_code"),
            ({"service_code": "potholes"}, 404, "service_code"),
            ({"description": None}, 400, "description"),
            ({"description": "ا" * 4001}, 400, "description"),
            ({"description": "a\x00b"}, 400, "description"),
            ({"attribute[barcode]": None}, 400, "barcode"),
            ({"attribute[barcode]": BARCODE[:-1]}, 400, "barcode"),
            ({"attribute[barcode]": format_barcode(7_777)}, 400, "barcode"),
            ({"phone": None}, 400, "phone"),
            ({"phone": "12"}, 400, "phone"),
            ({"lat": "nan"}, 400, "lat"),
            ({"lat": "91"}, 400, "lat"),
            ({"media_url": "javascript:x"}, 400, "media_url"),
            ({"jurisdiction_id": "chicago"}, 404, "jurisdiction_id"),
            ({"service_code": "other", "attribute[barcode]": None}, 400, "office"),
        ]
        for changes, status, word in wrong:
            told = await post(api, **changes)
            assert told.status_code == status, changes
            assert told.headers["content-type"] == "application/json"
            (error,) = told.json()
            assert error["code"] == status
            assert word in error["description"], error
        assert await get(api, "requests.json") == []

    async def test_what_the_framework_refuses_too(self, api: Api) -> None:
        path = f"{BASE}/requests.xml"
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        answers = [
            (await api.client.post(path, json={}), 400),
            (await api.client.post(path, content=b"description=%ff", headers=form), 400),
            (await api.client.post(path, content=b"\xff", headers=form), 400),
            (await api.client.post(path, content=b"a=1&" * 101, headers=form), 400),
            (await api.client.post(path, content=b"a=" + b"x" * 6_000_000, headers=form), 413),
            (await api.client.delete(path), 405),
            (await api.client.get(f"{BASE}/potholes.xml"), 404),
            (await api.client.get(path, headers={"Authorization": "Bearer x"}), 401),
        ]
        for told, status in answers:
            assert told.status_code == status, told.text
            assert told.headers["content-type"] == "text/xml; charset=utf-8"
            (error,) = read_xml(ET.fromstring(told.content))  # noqa: S314 - our own answer
            assert error["code"] == str(status)


class TestFollowing:
    async def test_filters(self, api: Api, sisters: Sisters) -> None:
        numbers = []
        for day, code in enumerate(("delay", "loss", "damage")):
            api.clock.at = START + timedelta(days=60 * day)
            sisters.parcels[format_barcode(day)] = history(format_barcode(day))
            filed = await post(
                api, service_code=code, **{"attribute[barcode]": format_barcode(day)}
            )
            numbers.append(filed.json()[0]["service_request_id"])
        delay, loss, damage = numbers
        for act, body in (("answers", {"text": "شد"}), ("close", None)):
            path = f"/v1/complaints/{loss}/{act}"
            await api.client.post(path, json=body, headers=api.headers(*STAFF))

        async def found(query: str) -> list[str]:
            listed = await get(api, f"requests.json?{query}")
            return [one["service_request_id"] for one in listed]

        assert await found("") == [damage, loss]  # the last ninety days
        start = "start_date=2019-03-21T00:00:00Z"
        assert await found(start) == [loss, delay]
        assert await found(f"{start}&end_date=2019-03-22T00:00:00%2B03:30") == [delay]
        assert await found("end_date=2019-03-22T00:00:00Z") == [delay]
        assert await found("status=closed") == [loss]
        assert await found("status=open,closed&service_code=loss,damage") == [damage, loss]
        assert await found("service_code=potholes") == []
        assert await found(f"service_request_id={delay},{damage}&status=closed") == [damage, delay]
        assert await found("page_size=1") == [damage]
        assert await found("page_size=1&page=2&jurisdiction_id=khuzestan") == [loss]
        assert await found("page=1000&page_size=1000") == []

    async def test_refusals(self, api: Api) -> None:
        for path, status in (
            ("requests.json?start_date=2019-01-01T00:00:00Z&end_date=2019-06-01T00:00:00Z", 400),
            ("requests.json?start_date=2019-01-01", 400),
            ("requests.json?status=lost", 400),
            ("requests.json?page=0", 400),
            ("requests.json?service_request_id=x", 404),
            ("requests.json?jurisdiction_id=chicago", 404),
            ("requests/C-1398-0000009-9.json", 404),
            ("requests/C-1398-0000001-6", 404),
            ("requests/x.json", 404),
            ("tokens/x.json", 404),
            ("tokens/0191d9f0-0000-7000-8000-0000000000aa.json", 404),
            ("services/potholes.json", 404),
            ("services/delay.yaml", 404),
            ("services/%00.json", 400),
        ):
            told = await api.client.get(f"{BASE}/{path}")
            assert told.status_code == status, path
            assert told.headers["content-type"] == "application/json"
            assert [error["code"] for error in told.json()] == [status]


@given(st.text())
def test_any_text_can_be_said_in_xml(text: str) -> None:
    document = written("errors", [{"code": 400, "description": text}], "xml")
    (error,) = read_xml(ET.fromstring(document))  # noqa: S314 - our own document
    told = (error["description"] or "").replace("\r", "\n")
    assert set(told) <= set(text.replace("\r", "\n"))
