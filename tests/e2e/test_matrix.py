"""Every operation, asked by all who may not: no leak, identical 404s; and one effect per key.

Generated from the document at the gateway, so that a new operation is in it from its first day.
"""

import importlib
import os
import threading
import time
import uuid
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import httpx
import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from services.gateway.roles.domain import ROLES
from services.gateway.sessions.domain import SESSION_SCOPES
from shared.auth import SERVICES
from shared.dependencies import commanded
from shared.errors import MEDIA_TYPE
from tests.conftest import Templates
from tests.e2e.environment import ALL_SCOPES, Environment, running
from tests.e2e.examples import answer_fields, body_schema, open_objects
from tests.e2e.matrix import (
    BANKS,
    EMPTY,
    OF_NO_OFFICE,
    OWNED,
    WRITES,
    Asker,
    Operation,
    Request,
    masked,
    operations,
)
from tests.e2e.partners import OWN_PROOF
from tests.e2e.test_schemathesis import STANDARDS, World, world

__all__ = ["world"]

pytestmark = pytest.mark.usefixtures("province")
SOAK: Final = os.environ.get("SUSA_SOAK") == "1"
TOGETHER: Final = 100 if SOAK else 8
ENDED_S_MAX: Final = 180
UNREACHED_MAX: Final = 25
COMMANDS_MIN: Final = 10
IN_FLIGHT: Final = ("idempotency_key_in_flight", "409", "overloaded")
"""A problem; in the words of Open311, where a code is the status; or never let in (503)."""
ALWAYS: Final = frozenset(
    {"POST /v1/parcels", "POST /v1/claims", "POST /v1/bank/payment-orders/fetch", "POST /v1/bags"}
)
"""Asked by many at once in every run; the others with SUSA_SOAK=1."""
SERVERS: Final = frozenset(
    {"id", "status", "version", "created_at", "updated_at", "recorded_at", "partner", "account"}
    | {"world", "caller", "price_rials", "custodian", "scopes_granted", "epoch", "position"}
)
"""Fields that the server alone decides, whether an answer shows them or not."""

IN_BOTH: Final = frozenset(
    {
        "GET /open311/v2/services/{document}",
        "GET /v1/complaint-targets/{code}",
        "GET /v1/tariffs/{code}",
        "GET /v1/working-group/compositions/{composition_id}",
        "POST /v1/devices/{device_id}/sessions",
    }
)
"""What a migration puts into every world; and people, who are the same in both."""


@dataclass
class Matrix:
    """`keys` by who asks; all of them of accounts that own nothing that is asked about."""

    client: httpx.Client
    asker: Asker
    keys: dict[str, str]
    canaries: list[str]

    @property
    def operations(self) -> list[Operation]:
        return list(operations(self.asker.document))

    def owner(self, operation: Operation) -> str:
        """Who may: a person who has signed in, where an API key will not do."""
        for ending, headers in self.asker.world.headers_of.items():
            if operation.label.endswith(ending) and "Authorization" in headers:
                return str(headers["Authorization"]).partition(" ")[2]
        return self.keys["owner"]


@pytest.fixture(scope="module")
def susa(templates: Templates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    """Of its own: what is made and revoked here is in nobody's way."""
    with running("one_process", templates, tmp_path_factory.mktemp("matrix")) as made:
        yield made


@pytest.fixture(scope="module")
def province(susa: Environment) -> dict[str, int]:
    seeded: dict[str, int] = susa.susa("seed")
    return seeded


@pytest.fixture(scope="module")
def matrix(susa: Environment, world: World) -> Iterator[Matrix]:
    document = httpx.get(f"{susa.url}/openapi.json", trust_env=False, timeout=180).json()
    with httpx.Client(base_url=susa.url, timeout=180, trust_env=False) as client:
        client.headers["Authorization"] = f"Bearer {susa.manager}"

        def make(path: str, body: Any) -> Any:
            answer = client.post(path, json=body)
            assert answer.status_code == 201, answer.text
            return answer.json()

        def key(account: str, *scopes: str, label: str = "m") -> Any:
            return make(f"/v1/partners/{account}/keys", {"label": label, "scopes": list(scopes)})

        def account(kind: str, **more: Any) -> str:
            made: str = make("/v1/partners", {"kind": kind, "name": "ماتریس", **more})["id"]
            return made

        every = [*ALL_SCOPES, "backfill"]
        keys = {
            "other": key(account("shop"), *OWNED)["key"],
            "other bank": key(account("bank"), "payments:execute")["key"],
            "wrong office": key(account("staff", office="KZ00001"), *every)["key"],
        }
        staff = account("staff")
        for scope in every:
            others = [one for one in every if one != scope]
            keys[f"without {scope}"] = key(staff, *others, label=scope)["key"]
        gone = account("staff")
        revoked = key(gone, *every)
        client.delete(f"/v1/partners/{gone}/keys/{revoked['id']}").raise_for_status()
        keys["revoked"] = revoked["key"]
        keys["owner"] = world.login.token
        keys["secretary"] = world.headers_of["GET /v1/me"]["Authorization"].split()[1]
        keys["signed out"] = _signed_out(client, world)
        keys["citizen"] = _citizen(client, world)
        sandbox = {"label": "sandbox", "scopes": every, "world": "test"}
        mine = make(f"/v1/partners/{world.fields['collector']}/keys", sandbox)
        keys["other world"] = mine["key"]
        del client.headers["Authorization"]
        asker = Asker(document, world)
        yield Matrix(client, asker, keys, [world.paths["number"], *sorted(asker.things())])


def _signed_out(client: httpx.Client, world: World) -> str:
    """A session that has ended, and is known to have."""
    signed_in = client.post("/v1/sessions", json=world.bodies["POST /v1/sessions"])
    token: str = signed_in.raise_for_status().json()["token"]
    session = {"Authorization": f"Bearer {token}"}
    client.delete("/v1/sessions/current", headers=session).raise_for_status()
    deadline = time.monotonic() + ENDED_S_MAX
    while client.get("/v1/me", headers=session).status_code != 401:
        assert time.monotonic() < deadline, "an ended session lives on"
        time.sleep(0.2)
    return token


def _citizen(client: httpx.Client, world: World) -> str:
    operation = "POST /v1/citizens/sessions"
    # kept: its phone is sent one code a minute
    body = world.bodies[operation] = world.bodies[operation]()
    made = client.post("/v1/citizens/sessions", json=body)
    token: str = made.raise_for_status().json()["token"]
    return token


def code_of(response: httpx.Response) -> str:
    """Of a problem; where another standard says what it is, the status."""
    if response.status_code < 400:
        return ""
    told = response.headers["Content-Type"] == MEDIA_TYPE
    if not told and response.request.url.path.startswith(STANDARDS):
        return str(response.status_code)
    return str(response.json().get("code"))


class TestWhoMayNot:
    """Refused before anything is looked at, whatever is asked about."""

    def test_without_a_key_with_a_revoked_one_and_without_the_scope(self, matrix: Matrix) -> None:
        wrong = []
        for operation in matrix.operations:
            if operation.label == "PUT /v1/clock":
                continue  # asked last, by the world's own fixture
            request = matrix.asker.request(operation, real=True)
            expected = {}
            if operation.label not in OWN_PROOF:
                expected["revoked"] = (401, "key_refused")
            if operation.scope != "public":
                expected[""] = (401, "unauthenticated")
                of_people = operation.scope in SESSION_SCOPES
                without = "owner" if of_people else f"without {operation.scope}"
                expected[without] = (403, "forbidden")
            for who, wanted in expected.items():
                answer = request.sent(matrix.client, matrix.keys[who] if who else None)
                found = (answer.status_code, code_of(answer))
                if found != wanted or world_words(matrix, answer, request):
                    wrong.append((operation.label, who, found))
        assert wrong == [], "\n".join(map(str, wrong))

    def test_another_partner_cannot_tell_what_is_not_its_own_from_nothing(
        self, matrix: Matrix
    ) -> None:
        """Same status and body as for an id of nothing; reading first, then writing."""
        wrong: list[tuple[Any, ...]] = []
        asked = [o for o in matrix.operations if o.scope in OWNED | {BANKS}]
        for operation in sorted(asked, key=lambda o: o.method != "GET"):
            real, none = (matrix.asker.request(operation, real=real) for real in (True, False))
            other = matrix.keys["other bank" if operation.scope == BANKS else "other"]
            theirs = real.sent(matrix.client, other)
            leaked = world_words(matrix, theirs, real)
            if operation.parameters and theirs.status_code != 405:
                nothing = none.sent(matrix.client, other)
                told = masked(theirs, real.ids), masked(nothing, none.ids)
                if told[0] != told[1] and max(told[0][0], told[1][0]) >= 400:
                    wrong.append((operation.label, *told))
            if leaked:
                wrong.append((operation.label, "shows", leaked))
        assert wrong == [], "\n".join(map(str, wrong))

    def test_the_owners_own_sandbox_knows_nothing_of_what_is_live(self, matrix: Matrix) -> None:
        """Reading first; then what adds nothing under a name that was asked for; then the rest."""
        wrong: list[tuple[Any, ...]] = []
        live = matrix.asker.things() - {matrix.asker.world.paths["composition_id"]}

        def turn(operation: Operation) -> int:
            if operation.method == "GET":
                return 0
            return 2 if operation.method == "PUT" or not operation.parameters else 1

        for operation in sorted(matrix.operations, key=turn):
            if operation.label == "PUT /v1/clock":
                continue
            real, none = matrix.asker.apart(operation)
            asked = real.sent(matrix.client, matrix.keys["other world"])
            leaked = words_in(asked, real, live)
            if asked.status_code >= 500 or leaked:
                wrong.append((operation.label, asked.status_code, leaked))
            if not operation.by_name or operation.label in IN_BOTH:
                continue
            nothing = none.sent(matrix.client, matrix.keys["other world"])
            told = masked(asked, real.ids), masked(nothing, none.ids)
            if told[0] != told[1] and max(told[0][0], told[1][0]) >= 400:
                wrong.append((operation.label, *told))
        assert wrong == [], "\n".join(map(str, wrong))

    def test_who_works_at_one_office_acts_at_no_other(self, matrix: Matrix) -> None:
        """Figures are the province's, one's own parcels are asked for above."""
        of_offices = {scope for role in ROLES.values() if role.at_office for scope in role.scopes}
        through = []
        for operation in matrix.operations:
            if operation.scope not in of_offices - OWNED - {"reports:read"}:
                continue
            on_the_way = operation.scope == "scans:write" and operation.method == "GET"
            if on_the_way or operation.label in OF_NO_OFFICE:
                continue
            request = matrix.asker.request(operation, real=True)
            answer = request.sent(matrix.client, matrix.keys["wrong office"])
            nothing = answer.is_success and not answer.json().get(EMPTY.get(operation.label), True)
            if answer.status_code not in {403, 404} and not nothing:
                through.append(f"{operation.label} {answer.status_code} {answer.text[:200]}")
        assert through == [], "\n".join(through)

    def test_a_shop_is_refused_what_is_the_posts(self, matrix: Matrix) -> None:
        wrong = []
        for operation in matrix.operations:
            if operation.scope in OWNED | {"public"}:
                continue
            request = matrix.asker.request(operation, real=True)
            answer = request.sent(matrix.client, matrix.keys["other"])
            if (answer.status_code, code_of(answer)) != (403, "forbidden"):
                wrong.append((operation.label, answer.status_code))
        assert wrong == [], "\n".join(map(str, wrong))

    def test_people_may_what_their_role_may_and_nothing_else(self, matrix: Matrix) -> None:
        """A secretary who signed in, the same after signing out, and a citizen."""
        wrong = []
        may = {
            "secretary": ROLES["secretary"].scopes | {"session", "session:staff", "public"},
            "citizen": {"session", "session:citizen", "public"},
            "signed out": {"public"},
        }
        for operation in matrix.operations:
            request = matrix.asker.request(operation, real=True)
            for who, scopes in may.items():
                if operation.scope in scopes:
                    continue
                wanted = (401, "unauthenticated") if who == "signed out" else (403, "forbidden")
                answer = request.sent(matrix.client, matrix.keys[who])
                found = (answer.status_code, code_of(answer))
                if found[0] != wanted[0] or world_words(matrix, answer, request):
                    wrong.append((operation.label, who, found))
        assert wrong == [], "\n".join(map(str, wrong))


def world_words(matrix: Matrix, answer: httpx.Response, request: Request) -> list[str]:
    """What an answer shows of another's things, other than what was asked for by name."""
    return words_in(answer, request, matrix.canaries)


def words_in(answer: httpx.Response, request: Request, words: Iterable[str]) -> list[str]:
    asked = request.url + (request.content or b"").decode(errors="replace")
    return [word for word in words if word in answer.text and word not in asked]


class TestServersFields:
    """A client cannot say what the server decides."""

    def test_bodies_are_closed(self, matrix: Matrix) -> None:
        found = []
        for operation in matrix.operations:
            schema = body_schema(dict(operation.raw), matrix.asker.document)
            if schema is not None:
                places = open_objects(schema, matrix.asker.document)
                found += [f"{operation.label} {place}" for place in places]
        assert found == [], found

    def test_each_is_refused_by_name(self, matrix: Matrix) -> None:
        wrong = []
        for operation in matrix.operations:
            schema = body_schema(dict(operation.raw), matrix.asker.document)
            if operation.method not in WRITES or schema is None or "properties" not in schema:
                continue
            named = answer_fields(dict(operation.raw), matrix.asker.document)
            fields = (SERVERS | named) - schema["properties"].keys()
            body = {**matrix.asker.body(operation), **dict.fromkeys(sorted(fields), "1")}
            request = matrix.asker.request(operation, real=True, body=body)
            answer = request.sent(matrix.client, matrix.owner(operation))
            if operation.path.startswith(STANDARDS):
                continue  # its clients send what they know; nothing else is taken from them
            told = {error["field"] for error in answer.json().get("errors") or []}
            missing = {name for name in fields if not any(f.endswith(f".{name}") for f in told)}
            if answer.status_code != 422 or missing:
                wrong.append((operation.label, answer.status_code, sorted(missing)[:5]))
        assert wrong == [], "\n".join(map(str, wrong))


def commanding() -> set[str]:
    """Operations that command money or custody, by what their routes ask for."""
    found = set()
    for service in SERVICES:
        for router in importlib.import_module(f"services.{service}.main").ROUTERS:
            for route in router.routes:
                if isinstance(route, APIRoute) and _asks_for(route.dependant, commanded):
                    found |= {f"{method} {route.path}" for method in route.methods or ()}
    return found


def _asks_for(dependant: Dependant, wanted: object) -> bool:
    return dependant.call is wanted or any(
        _asks_for(child, wanted) for child in dependant.dependencies
    )


class TestOnce:
    """One effect and one answer for a key, however often and at once it is sent."""

    def test_no_money_and_no_custody_without_a_key(self, matrix: Matrix) -> None:
        wrong, asked = [], 0
        commands = commanding()
        for operation in matrix.operations:
            if operation.label not in commands:
                continue
            assert operation.keyed, operation.label
            asked += 1
            request = matrix.asker.request(operation, real=True)
            answer = request.sent(matrix.client, matrix.keys["owner"], None)
            if (answer.status_code, code_of(answer)) != (400, "idempotency_key_missing"):
                wrong.append((operation.label, answer.status_code, code_of(answer)))
        assert wrong == [], "\n".join(map(str, wrong))
        assert asked >= COMMANDS_MIN

    def test_many_at_once_have_one_effect(self, matrix: Matrix) -> None:
        wrong, unreached = [], []
        with ThreadPoolExecutor(TOGETHER) as pool:
            for operation in matrix.operations:
                if not operation.keyed or operation.method not in WRITES:
                    continue
                if not SOAK and operation.label not in ALWAYS:
                    continue
                request = matrix.asker.request(operation, real=True)
                fault = together(matrix, pool, request)
                if fault == "unreached":
                    unreached.append(operation.label)
                elif fault:
                    wrong.append((operation.label, fault))
        assert wrong == [], "\n".join(map(str, wrong))
        assert len(unreached) <= (UNREACHED_MAX if SOAK else len(ALWAYS) // 2), unreached

    def test_nobody_is_named_in_the_logs(self, susa: Environment, matrix: Matrix) -> None:
        """Last: after every operation was asked with names, telephones and national ids."""
        people = {"09123456789", "+989123456789", "9123456789", "0084575948", "مریم"}
        assert matrix.operations
        told = [
            (part.name, line[:300])
            for part in susa.parts
            for line in part.read().splitlines()
            if any(word in line for word in people)
        ]
        assert told == [], "\n".join(map(str, told))


def together(matrix: Matrix, pool: ThreadPoolExecutor, request: Request) -> str:
    """What is wrong with the answers to one key; `unreached` where all were refused."""
    start = threading.Barrier(TOGETHER)
    key, once = matrix.keys["owner"], str(uuid.uuid4())

    def one() -> httpx.Response:
        start.wait()
        return request.sent(matrix.client, key, once)

    answers = [done.result() for done in [pool.submit(one) for _ in range(TOGETHER)]]
    done = {(a.status_code, a.content) for a in answers if a.is_success}
    refused = {code_of(a) for a in answers if not a.is_success}
    if not done:
        return "unreached"
    if len(done) > 1 or any(code not in IN_FLIGHT for code in refused):
        return f"{len(done)} answers, refused {sorted(refused)}"
    again = request.sent(matrix.client, key, once)
    if (again.status_code, again.content) not in done:
        return f"replayed as {again.status_code}"
    changed = Request(**{**vars(request), "content": (request.content or b"") + b" "})
    other = changed.sent(matrix.client, key, once)
    if (other.status_code, other.content) in done:
        return ""  # said otherwise, but the same: it is what was read that is compared
    if code_of(other) != "idempotency_key_reused":
        return f"another payload: {other.status_code} {code_of(other)}"
    return ""
