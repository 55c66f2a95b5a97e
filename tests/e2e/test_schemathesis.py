"""Schemathesis over the merged document, at the gateway: it keeps to what the document says."""

import os
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode, Response
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from shared.errors import MEDIA_TYPE
from tests.e2e.complaints import BODIES as OF_CASES
from tests.e2e.complaints import make_complaints
from tests.e2e.environment import ALL_SCOPES, Environment
from tests.e2e.partners import COLLEAGUE, OWN_PROOF, Login, login, make_partners
from tests.e2e.parts import Actors, make_parts
from tests.e2e.people import Make
from tests.e2e.tariffs import RUN
from tests.factories.offices import office
from tests.factories.parcels import order

pytestmark = [
    pytest.mark.parametrize("susa", ["one_process"], indirect=True),
    pytest.mark.usefixtures("province"),
]

POSITIVE, NEGATIVE = (90, 60) if os.environ.get("SUSA_SOAK") == "1" else (2, 1)
EXAMPLES: Final = {GenerationMode.POSITIVE: POSITIVE, GenerationMode.NEGATIVE: NEGATIVE}
MORE: Final = 12
"""Requests more, all of things that exist, to an operation that none of these came through."""
MEDIA_TYPES: Final[dict[type, str]] = {str: "text/csv", bytes: "application/octet-stream"}
PLACE: Final = ("town", "address", "postal_code", "latitude", "longitude")
READINESS: Final = "/readyz"
STANDARDS: Final = "/open311/"
"""Paths that say what they refuse in the words of another standard."""
POST: Final = {"service": "post.mail"}
RULE: Final = {"name": "قاعده", "kind": "rural_ict", "source": "آزمون"}
OLD_PAPERS: Final = {"valid_from": "1950-01-01"}
CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SETTINGS: Final = settings(
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate, Phase.shrink],
)


@dataclass
class World:
    """Things that exist, for requests that are to come through, by the names of their fields."""

    url: str
    login: Login
    paths: dict[str, str]
    fields: dict[str, Any]
    secret: str
    """Of the case."""
    special: dict[str, dict[str, str]]
    """What operations whose labels end so are to be asked about, where not everything will do."""
    apart: dict[str, dict[str, Any]]
    """Values of fields in bodies of the paths that hold these words."""
    headers_of: dict[str, dict[str, str]]
    """Headers of operations whose labels end so."""
    bodies: dict[str, Any]
    """Bodies (of GET, queries) whose parts hang together, by operations' labels: each sent once.

    Or what makes one, where it holds for a short while only.
    """
    numbers: Iterator[int] = field(default_factory=count)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.login.token}"}

    def signed_in(self, operation: Any) -> dict[str, str]:
        """Of whom it is asked, where an API key will not do."""
        own = self.headers_of.get(operation.label, {})
        return {name: value for name, value in own.items() if name == "Authorization"}

    def made_real(self, case: Case[Any]) -> Case[Any]:
        """The case with what exists wherever it names something."""
        if case.path_parameters:
            case.path_parameters.update(self._paths(case.operation))
        case.body = self._real(case.body)
        if isinstance(case.body, dict):
            self._fit(case.operation.path, case.body)
        for name in set(case.query or {}) & self.fields.keys():
            case.query[name] = self.fields[name]
            if case.query[name] is None:
                del case.query[name]
        case.headers.update(self._own_headers(case.operation))
        return case

    def known(self, operation: Any) -> Case[Any]:
        """The request that comes through, of an operation that has a body here."""
        body = self.bodies[operation.label]
        if callable(body):
            body = body()
        if operation.method.upper() == "GET":
            asked: Case[Any] = operation.Case(query=body, headers=self._own_headers(operation))
            return asked
        case: Case[Any] = operation.Case(
            path_parameters=self._paths(operation),
            headers=self._own_headers(operation),
            body=body,
            media_type=_media_type(operation, body),
        )
        return case

    def _paths(self, operation: Any) -> dict[str, str]:
        found = {n: value for n, value in self.paths.items() if f"{{{n}}}" in operation.path}
        for ending, paths in self.special.items():
            if operation.label.endswith(ending):
                found |= paths
        return found

    def _own_headers(self, operation: Any) -> dict[str, str]:
        found = {"Susa-Case-Secret": self.secret, "Idempotency-Key": f"key-{next(self.numbers)}"}
        for ending, headers in self.headers_of.items():
            if operation.label.endswith(ending):
                found |= headers
        return found

    def _fit(self, path: str, body: dict[str, Any]) -> None:
        """What single operations want of their bodies."""
        for part, fields in self.apart.items():
            if part in path:
                body |= {name: fields[name] for name in fields.keys() & body.keys()}
        if path.endswith("/convert"):
            body["kind"] = "pishkhan"  # the one kind that this office may become
        if path.endswith("/certificates"):
            body["personnel_number"] = self.paths["personnel_number"]
        if path.endswith("{association_id}/members"):
            body["association"] = self.fields["association"]
            body.pop("office", None)

    def _named(self, name: str, value: Any) -> Any:
        if name in {"reference", "personnel_number"}:
            return f"S-{next(self.numbers)}"
        return self.fields.get(name, self._real(value))

    def _real(self, value: Any) -> Any:
        match value:
            case dict():
                return {name: self._named(name, item) for name, item in value.items()}
            case list():
                return [self._real(item) for item in value]
            case _:
                return value


def _media_type(operation: Any, body: Any) -> str:
    """A file's kind, or of what the operation takes the first: JSON, or a form."""
    if type(body) in MEDIA_TYPES:
        return MEDIA_TYPES[type(body)]
    taken: list[str] = list(operation.definition.raw["requestBody"]["content"])
    return taken[0]


def make_offices(
    client: httpx.Client, make: Make, code: str
) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """An office with a past and a plan; what an office offers and did."""
    past = {"kind": "communication_office", "founded_on": "2004-01-01"}
    old = make("/v1/offices", office(**past))["code"]
    place = {name: office()[name] for name in PLACE}
    move = {**place, "on": "2200-01-01", "reason": "آزمون"}
    client.post(f"/v1/offices/{old}/relocate", json=move).raise_for_status()
    other_service = {"service": "post-bank.banking", "valid_from": "2012-03-20"}
    offered = make(f"/v1/offices/{code}/offerings", other_service)
    rule = {**RULE, "services": [POST["service"]], "at_least": 1, "valid_from": "2012-03-20"}
    record = {**POST, "record_id": str(uuid.uuid4()), "office": code, "day": "2019-03-21"}
    done = {"records": [{**record, "count": 1, "electronic": False}]}
    client.post("/v1/services/performed", json=done).raise_for_status()
    special = {
        "/services/{code}": {"code": POST["service"]},
        "/services/{code}/prices": {"code": POST["service"]},
        "/convert": {"code": old},
        "/plans/{change}": {"code": old, "change": "relocation"},
    }
    paths = {
        "slug": "post",
        "offering_id": offered["id"],
        "rule_id": make("/v1/service-rules", rule)["id"],
        "record_id": record["record_id"],
    }
    return paths, special


@pytest.fixture(scope="module")
def world(susa: Environment) -> Iterator[World]:
    """A staff key with every scope, and things to ask about: none that other tests need."""
    with httpx.Client(base_url=susa.url, timeout=180, trust_env=False) as client:
        client.headers["Authorization"] = f"Bearer {susa.manager}"

        def make(path: str, body: Any) -> Any:
            headers = {"Idempotency-Key": str(uuid.uuid4())}
            answer = client.post(path, json=body, headers=headers)
            assert answer.status_code == 201, answer.text
            return answer.json()

        account = make("/v1/partners", {"kind": "staff", "name": "آزماینده"})
        staff = login(susa.url, make, account["id"], [*ALL_SCOPES, "backfill"])
        other = make("/v1/partners", {"kind": "shop", "name": "دیگری"})
        spare = make(
            f"/v1/partners/{other['id']}/keys", {"label": "spare", "scopes": ["parcels:read"]}
        )
        del client.headers["Authorization"]
        client.auth = staff
        code = make("/v1/offices", office())["code"]
        client.post(f"/v1/offices/{code}/suspend", json={"reason": "آزمون"}).raise_for_status()
        seeded = client.get("/v1/offices", params={"town": "dezful"}).json()["items"][0]["code"]
        barcode, unscanned = (make("/v1/parcels", order(seeded))["barcode"] for _ in range(2))
        office_paths, special = make_offices(client, make, code)
        special["/parcels/{barcode}/cancel"] = {"barcode": unscanned}

        def ask_for(method: str, path: str, body: Any) -> Any:
            headers = {"Idempotency-Key": str(uuid.uuid4())}
            answer = client.request(method, path, json=body, headers=headers)
            return answer.raise_for_status().json()

        messages = Path(susa.settings["SUSA_GATEWAY_SMS"])
        ids = (account["id"], other["id"], code, seeded)
        parts = make_parts(Actors(client, make, ask_for, *ids, messages))
        partners = make_partners(susa.url, make, susa.susa("partner", "create", *COLLEAGUE))
        about = {"kind": "parcel", "barcode": barcode}
        complainant = {"name": "مریم", "phone": "09123456789"}
        complaint = {"category": "delay", "text": "کجاست؟", "complainant": complainant}
        case = make("/v1/complaints", {"about": about, **complaint})
        case_paths, case_special, secrets = make_complaints(client, ask_for, case, account["id"])
        hook = make("/v1/webhooks", {"url": "http://127.0.0.1:9/", "events": ["parcel.booked"]})
        at_office = client.get("/hsds/service_at_locations").json()["contents"][0]
        paths = {
            "code": code,
            "barcode": barcode,
            "number": case["number"],
            "partner_id": other["id"],
            "key_id": spare["id"],
            "webhook_id": hook["id"],
            "service_at_location_id": at_office["id"],
            "service_id": at_office["service_id"],
            "organization_id": at_office["service"]["organization_id"],
            **office_paths,
            **case_paths,
            **parts.paths,
        }
        fields = {
            "barcode": barcode,
            "barcodes": [barcode],
            "office": seeded,
            "from_office": seeded,
            "to_office": seeded,
            "origin_office": seeded,
            "sorting_centre": None,
            "phone": "09123456789",
            "postal_code": "6135743337",
            "province": "khuzestan",
            "destination_province": "tehran",
            "origin_province": "khuzestan",
            "town": "ahvaz",
            "latitude": 31.3,
            "longitude": 48.7,
            "hours": office()["hours"],
            "about": about,
            "period": "1398-H1",
            "year": 1398,
            "on": "2018-03-21",
            "employment": "payroll",
            "mobile": "09123456789",
            "national_id": "0084575948",
            "scopes": ["parcels:read"],
            "url": "http://127.0.0.1:9/hooks",
            "service": POST["service"],
            "services": [POST["service"]],
            "at_least": 1,
            "principal": "post",
            "fee_rials": 2_000,
            "office_share_rials": 1_000,
            "valid_from": "2100-03-21",
            "valid_until": None,
            **parts.fields,
        }
        apart = {"/workforce/": OLD_PAPERS, "/associations": OLD_PAPERS, "/recomputations": RUN}
        apart["/discrepancies"] = {"owner": seeded}
        yield World(
            susa.url,
            staff,
            paths,
            fields,
            case["secret"],
            special | case_special | parts.special | partners.special,
            apart,
            secrets | parts.headers,
            OF_CASES | parts.bodies | partners.bodies,
        )
        answer = client.put("/v1/clock", json={"mode": "wall"})
        assert answer.status_code == 200, answer.text


def refuses_as_agreed(response: Response, path: str) -> None:
    """Every error is a problem with a code, and every answer names its request."""
    assert response.headers.get("x-request-id"), "no request id"
    if response.status_code < 400 or path.startswith(STANDARDS):
        return
    kinds = [MEDIA_TYPE], ["application/json"]  # the latter of the token endpoint: RFC 6749, 5.2
    assert response.headers["content-type"] in kinds, response.headers["content-type"]
    body = response.json()
    assert body["code"], body
    assert body["status"] == response.status_code


def ask(case: Case[Any], session: requests.Session, world: World, seen: Counter[int]) -> None:
    label = case.operation.label
    headers = {} if label in OWN_PROOF else world.headers | world.signed_in(case.operation)
    response = case.call(base_url=world.url, session=session, headers=headers, timeout=180)
    seen[response.status_code] += 1
    if response.status_code == 503 and case.operation.path == READINESS:
        seen[200] += 1  # an answer as good as the other: on a busy machine something lags
        return
    case.validate_response(response, checks=CHECKS)
    refuses_as_agreed(response, case.operation.path)


def _turn(operation: Any) -> int:
    """What ends its subject goes last; what needs one that no other has touched, first."""
    method, _, path = operation.label.partition(" ")
    if path.endswith("/void"):
        return 0
    last = ("/close", "/citizens/codes")  # the second uses an address's messages up
    return 2 if method == "DELETE" or path.endswith(last) else 1


def _reached(seen: Counter[int]) -> bool:
    return any(status < 400 for status in seen)


@dataclass(frozen=True)
class Asking:
    """How an operation is asked; `real`: whether of things that exist."""

    world: World
    session: requests.Session
    seen: Counter[int]
    real: st.SearchStrategy[bool]


def draw(operation: Any, mode: GenerationMode, examples: int, asking: Asking) -> None:
    @settings(SETTINGS, max_examples=examples)
    @given(case=operation.as_strategy(generation_mode=mode), real=asking.real)
    def run(case: Case[Any], real: bool) -> None:
        wanted = asking.world.made_real(case) if real else case
        ask(wanted, asking.session, asking.world, asking.seen)

    run()


def _has_input(operation: dict[str, Any]) -> bool:
    """Whether there is anything that could be wrong in a request."""
    keyed = {} not in operation["security"]
    return keyed or bool(operation.get("parameters")) or "requestBody" in operation


@pytest.mark.soak
def test_every_operation_keeps_to_the_document(
    susa: Environment, world: World, subtests: pytest.Subtests
) -> None:
    document = httpx.get(f"{susa.url}/openapi.json", timeout=180, trust_env=False).json()
    schema = schemathesis.openapi.from_dict(document)
    unreached = []
    with requests.Session() as session:
        session.trust_env = False
        operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
        assert len(operations) == schema.statistic.operations.total
        for operation in sorted(operations, key=_turn):
            here: Counter[int] = Counter()
            if operation.label in world.bodies:
                with subtests.test(operation=operation.label, mode="known"):
                    ask(world.known(operation), session, world, here)
            for mode, examples in EXAMPLES.items():
                if mode is GenerationMode.NEGATIVE and not _has_input(operation.definition.raw):
                    continue
                with subtests.test(operation=operation.label, mode=mode.value):
                    draw(operation, mode, examples, Asking(world, session, here, st.booleans()))
            if not _reached(here):
                with subtests.test(operation=operation.label, mode="more"):
                    of_real = Asking(world, session, here, st.just(value=True))
                    draw(operation, GenerationMode.POSITIVE, MORE, of_real)
            if not _reached(here):
                unreached.append(operation.label)
    assert unreached == [], "\n".join(unreached)
