"""HSDS 3.0: what the published schema says, and that it tells the registry."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.offices.hsds.domain import DEPTH_MAX, Slice, stable_id, until_next, weekly
from shared.calendar import Hours
from tests.conftest import Api, Serve
from tests.factories.offices import HOURS
from tests.factories.worlds import SERVICES, VALID, World, put, random_world

pytestmark = pytest.mark.anyio

SCHEMAS: Final = Path(__file__).parents[5] / "shared" / "data" / "hsds"
ENVELOPE: Final = {
    "total_items", "total_pages", "page_number", "size", "first_page", "last_page", "empty",
    "contents",
}  # fmt: skip


class Schema:
    """The published schemas, which name each other by file."""

    def __init__(self) -> None:
        files = {path.name: json.loads(path.read_text()) for path in SCHEMAS.glob("*.json")}
        self.openapi = files.pop("openapi.json")
        self._at = {f"https://hsds.example/{name}": schema for name, schema in files.items()}
        self._registry = jsonschema_rs.Registry(list(self._at.items()))

    def check(self, name: str, value: Any) -> None:
        """Raises where `value` is not a `name`; says too where a field is none of the schema's."""
        schema = {"$ref": f"https://hsds.example/{name}.json"}
        jsonschema_rs.Draft202012Validator(
            schema, registry=self._registry, validate_formats=True
        ).validate(value)
        unknown = value.keys() - self._at[f"https://hsds.example/{name}.json"]["properties"].keys()
        assert unknown <= {"services", "service"}, unknown  # in the compiled schemas only

    def check_page(self, value: Any) -> None:
        page = self.openapi["components"]["schemas"]["Page"]
        assert set(page["properties"]) | {"contents"} == ENVELOPE == set(value)
        jsonschema_rs.Draft202012Validator(page).validate(value)


@pytest.fixture(scope="module")
def schema() -> Schema:
    if not SCHEMAS.is_dir():
        pytest.skip("the published schemas of HSDS are not beside the repository")
    return Schema()


@pytest.fixture
async def world(serve: Serve) -> tuple[Api, World]:
    api: Api = await serve("offices")
    made = random_world(3)
    await put(api, made)
    return api, made


async def get(api: Api, path: str, **params: Any) -> Any:
    answer = await api.client.get(f"/hsds{path}", params=params)
    assert answer.status_code == 200, answer.text
    assert "null" not in answer.text  # of no type in the schemas: left out instead
    return answer.json()


def flat(item: dict[str, Any]) -> bool:
    """Whether it has one-to-one fields only, as lists do."""
    return not any(isinstance(value, list) for value in item.values())


async def test_answers_fit_the_published_schema(world: tuple[Api, World], schema: Schema) -> None:
    api, _ = world
    about = await get(api, "/")
    (document,) = [
        answer["content"]["application/json"]["schema"]
        for answer in schema.openapi["paths"]["/"]["get"]["responses"].values()
    ]
    jsonschema_rs.Draft202012Validator(document, validate_formats=True).validate(about)
    assert about["version"] == "3.0"
    assert about["openapi_url"] == "http://test/openapi.json"
    for path, name in (
        ("organizations", "organization"),
        ("services", "service"),
        ("service_at_locations", "service_at_location"),
    ):
        page = await get(api, f"/{path}", per_page=7)
        schema.check_page(page)
        assert page["contents"]
        for item in page["contents"]:
            schema.check(name, item)
            assert flat(item)
            whole = await get(api, f"/{path}/{item['id']}")
            schema.check(name, whole)
            for inner in ("service", "organization"):
                if inner in whole:
                    schema.check(inner, whole[inner])
            for service in whole.get("services", []):
                schema.check("service", service)
            assert {k: whole[k] for k in item if k not in {"service", "location"}} == {
                k: v for k, v in item.items() if k not in {"service", "location"}
            }


async def test_it_tells_the_registry(world: tuple[Api, World]) -> None:
    api, made = world
    service = await get(api, f"/services/{stable_id('service', SERVICES[0])}")
    assert service["status"] == "active"
    assert service["organization"]["id"] == service["organization_id"]
    assert [d["document"] for d in service["required_documents"]] == ["کارت ملی", "شناسنامه"]
    assert [(c["amount"], c["valid_from"], c.get("valid_to")) for c in service["cost_options"]] == [
        (100_000, "2018-01-01", "2019-02-28"),
        (250_000, "2019-03-01", None),
    ]
    offices = made.counted(service=SERVICES[0])
    here = {place["location"]["external_identifier"] for place in service["service_at_locations"]}
    assert here == {o.code for o in offices}
    place = service["service_at_locations"][0]
    office = next(o for o in offices if o.code == place["location"]["external_identifier"])
    assert place["location"]["latitude"] == office.latitude
    assert place["location"]["addresses"][0]["postal_code"] == "6135743337"
    for schedules in (place["schedules"], place["location"]["schedules"]):
        assert [(s["byday"], s["opens_at"], s["closes_at"]) for s in schedules] == [
            ("TH", "07:30+03:30", "12:30+03:30"),
            ("SA,SU,MO,TU,WE", "07:30+03:30", "14:00+03:30"),
        ]
    assert place["schedules"][0]["valid_from"] == next(
        o.valid_from.isoformat()
        for o in made.offerings
        if o.office == office and o.service == SERVICES[0]
    )
    statuses = {s["id"]: s["status"] for s in (await get(api, "/services"))["contents"]}
    assert statuses[str(stable_id("service", SERVICES[2]))] == "inactive"
    api.clock.at += timedelta(days=1)
    ended = await get(api, f"/services/{stable_id('service', SERVICES[1])}")
    assert ended["status"] == "defunct"
    assert ended["service_at_locations"] == []


async def test_lists_are_paged_and_filtered(world: tuple[Api, World]) -> None:
    api, made = world
    expected = sum(len(made.counted(service=code)) for code in VALID)
    items: list[str] = []
    number = 1
    while True:
        page = await get(api, "/service_at_locations", per_page=9, page=number)
        items += [item["id"] for item in page["contents"]]
        assert page["total_items"] == expected
        assert page["first_page"] == (number == 1)
        if page["last_page"]:
            break
        number += 1
    assert number == page["total_pages"] == -(-expected // 9)
    assert len(items) == len(set(items)) == expected
    beyond = await get(api, "/service_at_locations", per_page=9, page=number + 1)
    assert (beyond["empty"], beyond["size"], beyond["last_page"]) == (True, 0, True)

    async def total(path: str, **params: Any) -> int:
        found: int = (await get(api, path, **params))["total_items"]
        return found

    one = stable_id("service", SERVICES[0])
    owner = stable_id("organization", "civil-registration")
    other = stable_id("organization", "another")
    assert await total("/service_at_locations", service_id=one) == len(
        made.counted(service=SERVICES[0])
    )
    assert await total("/service_at_locations", service_id=other) == 0
    assert await total("/services", organization_id=owner) == 3
    assert await total("/services", organization_id=other) == 0
    assert await total("/services", search="Tax.return") == 1
    assert await total("/services", search="100%_") == 0
    assert await total("/organizations", search="ثبت") == 1
    assert await total("/organizations", search="nobody") == 0
    assert await total("/services", modified_after="2020-01-01T00:00:00Z") == 3
    assert await total("/services", modified_after="2200-01-01T00:00:00Z") == 0
    minimal = await get(api, "/services", minimal=True)
    assert [set(item) for item in minimal["contents"]] == [{"id", "modified_date"}] * 3


async def test_holders_are_companies_never_people(world: tuple[Api, World]) -> None:
    api, made = world
    company, person, *_ = made.counted(service=SERVICES[0])
    await api.database.hot.execute(
        "UPDATE office SET owner_kind = 'company', owner_name = 'شرکت کارون' WHERE id = $1",
        company.id,
    )
    await api.database.hot.execute(
        "WITH p AS (INSERT INTO owner_person (office_id, name) VALUES ($1, 'مریم پارسا')"
        " RETURNING id) UPDATE office SET owner_kind = 'person', owner_person = p.id FROM p"
        " WHERE office.id = $1",
        person.id,
    )
    page = await get(api, "/organizations")
    names = {each["name"]: each for each in page["contents"]}
    assert names.keys() == {"ثبت احوال", "شرکت کارون"}
    held = await get(api, f"/organizations/{names['شرکت کارون']['id']}")
    assert held["services"] == []
    places = await get(api, "/service_at_locations", per_page=500)
    holders = {
        each["location"]["external_identifier"]: each["location"].get("organization_id")
        for each in places["contents"]
    }
    assert holders.pop(company.code) == held["id"]
    assert set(holders.values()) == {None}
    public = await get(api, f"/services/{stable_id('service', SERVICES[0])}")
    told = [json.dumps(each, ensure_ascii=False) for each in (page, places, public)]
    told.append((await api.client.get("/v1/offices.geojson")).text)
    assert not [text for text in told if "پارسا" in text]


async def test_refusals(api: Api) -> None:
    nobody = stable_id("service", "nobody")
    for path, status in (
        (f"/services/{nobody}", 404),
        (f"/organizations/{nobody}", 404),
        (f"/service_at_locations/{nobody}", 404),
        ("/services/7", 422),
        ("/services?page=0", 422),
        ("/services?per_page=501", 422),
        (f"/services?page={DEPTH_MAX // 50 + 1}", 422),
        ("/services?full=true", 422),
        ("/services?format=ndjson", 422),
        ("/services?taxonomy_term_id=x", 422),
        ("/service_at_locations?postcode=6135743337", 422),
        ("/organizations?search=%00", 422),
        ("/organizations?full_service=true", 422),
    ):
        answer = await api.client.get(f"/hsds{path}")
        assert answer.status_code == status, (path, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
    empty = await get(api, "/services")
    assert (empty["empty"], empty["total_pages"], empty["last_page"]) == (True, 0, True)


def intervals() -> st.SearchStrategy[list[str]]:
    """Some openings of a day, in order."""
    return st.lists(st.integers(0, 48), max_size=6, unique=True).map(
        lambda halves: [
            f"{a // 2:02d}:{a % 2 * 30:02d}-{b // 2:02d}:{b % 2 * 30:02d}"
            for a, b in _pairs(sorted(halves))
        ]
    )


def _pairs(values: list[int]) -> Iterator[tuple[int, int]]:
    return zip(values[::2], values[1::2], strict=False)


@given(week=st.fixed_dictionaries({day: intervals() for day in HOURS}))
@settings(max_examples=50)
def test_recurrences_are_the_week(week: dict[str, list[str]]) -> None:
    """Written out day by day they are the hours again."""
    names = {"SA": "sat", "SU": "sun", "MO": "mon", "TU": "tue", "WE": "wed", "TH": "thu"}
    names["FR"] = "fri"
    found: dict[str, list[str]] = {day: [] for day in week}
    for each in weekly(Hours.model_validate(week), timedelta(hours=4, minutes=30)):
        assert each["timezone"] == 4.5
        assert each["opens_at"].endswith("+04:30")
        for day in each["byday"].split(","):
            found[names[day]].append(f"{each['opens_at'][:5]}-{each['closes_at'][:5]}")
    assert {day: sorted(spans) for day, spans in found.items()} == week


@given(total=st.integers(0, 500), size=st.integers(1, 60))
def test_pages_cover_all_once(total: int, size: int) -> None:
    pages = [Slice(n, size) for n in range(1, max(1, -(-total // size)) + 1)]
    counts = [max(0, min(size, total - page.offset)) for page in pages]
    envelopes = [page.envelope(total, n) for page, n in zip(pages, counts, strict=True)]
    assert sum(e["size"] for e in envelopes) == total
    assert [e["first_page"] for e in envelopes] == [n == 0 for n in range(len(pages))]
    assert [e["last_page"] for e in envelopes] == [n == len(pages) - 1 for n in range(len(pages))]


def test_ids_and_prices_stay() -> None:
    """An id that changed would break every directory that keeps it."""
    assert str(stable_id("service", "civil.id-card")) == "e50b8e72-b684-5d97-b846-f709ccf309e9"
    days = [date(2018, 1, 1), date(2019, 3, 1)]
    assert until_next(days) == [date(2019, 2, 28), None]
    assert until_next([]) == []
