"""What `/docs` and `docs/requests.http` print is sent as it stands, and comes through."""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from services.gateway.documentation.examples import EXAMPLES
from tests.e2e.environment import Environment
from tests.e2e.partners import login
from tests.e2e.processes import ROOT

pytestmark = [
    pytest.mark.parametrize("susa", ["one_process"], indirect=True),
    pytest.mark.usefixtures("province"),
]
COLLECTION: Final = ROOT / "docs" / "requests.http"
SCOPES: Final = ["parcels:book", "parcels:read", "webhooks:write", "payments:execute"]
KEPT: Final = re.compile(r'^client\.global\.set\("(\w+)", response\.body\.(\w+)\);$', re.MULTILINE)
FORM: Final = "get_token"


@dataclass(frozen=True)
class Printed:
    """One request of the collection. `keep`: a variable by a field of the answer."""

    title: str
    status: int
    method: str
    url: str
    headers: dict[str, str]
    body: str
    keep: dict[str, str]


def printed(path: Path) -> Iterator[Printed]:
    for part in re.split(r"^###", path.read_text(), flags=re.MULTILINE)[1:]:
        heading, _, rest = part.partition("\n")
        title, _, status = heading.strip().rpartition(": ")
        keep = dict(KEPT.findall(rest))
        lines = re.sub(r"^> \{%$.*?^%\}$", "", rest, flags=re.MULTILINE | re.DOTALL)
        head, _, body = lines.strip().partition("\n\n")
        first, *headers = head.splitlines()
        method, _, url = first.partition(" ")
        named = dict(line.split(": ", 1) for line in headers)
        yield Printed(title, int(status), method, url, named, body, keep)


def filled(text: str, known: dict[str, str]) -> str:
    """With the variables; an unknown one is a KeyError."""
    return re.sub(r"\{\{(\$?\w+)\}\}", lambda m: known[m[1]], text)


@pytest.fixture
def shop(susa: Environment) -> Iterator[tuple[httpx.Client, str]]:
    """Of a client that signs, and so may do what examples need; and an API key besides."""
    headers = {"Authorization": f"Bearer {susa.manager}"}
    with httpx.Client(base_url=susa.url, headers=headers, trust_env=False, timeout=180) as manager:

        def make(path: str, body: Any) -> Any:
            return manager.post(path, json=body).raise_for_status().json()

        account = make("/v1/partners", {"kind": "shop", "name": "فروشگاه نمونه"})["id"]
        key = make(f"/v1/partners/{account}/keys", {"label": "x", "scopes": SCOPES})["key"]
        auth = login(susa.url, make, account, SCOPES)
        with httpx.Client(base_url=susa.url, auth=auth, trust_env=False, timeout=180) as client:
            yield client, key


def test_every_example_of_the_documentation_comes_through(
    susa: Environment, shop: tuple[httpx.Client, str]
) -> None:
    client, _ = shop
    document = client.get("/openapi.json").raise_for_status().json()
    met = set()
    for path, item in document["paths"].items():
        for method, operation in item.items():
            name = operation.get("operationId")
            if name not in EXAMPLES:
                continue
            met.add(name)
            assert operation["summary"] == f"{EXAMPLES[name].fa} · {EXAMPLES[name].en}"
            if "{" not in path and name != FORM:
                answer = client.request(method.upper(), path, **_request(operation))
                assert answer.is_success, f"{name}: {answer.text}"
    assert met == EXAMPLES.keys()
    described = {tag["name"] for tag in document["tags"] if "description" in tag}
    assert len(described) > 20
    assert "curl" in document["info"]["description"]


def _request(operation: dict[str, Any]) -> dict[str, Any]:
    parameters = operation.get("parameters", [])
    found: dict[str, Any] = {
        "params": {p["name"]: p["example"] for p in parameters if "example" in p},
        "headers": {"Idempotency-Key": str(uuid.uuid4())},
    }
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    if "example" in content:
        found["json"] = content["example"]
    return found


def test_the_collection_runs_from_top_to_bottom(
    susa: Environment, shop: tuple[httpx.Client, str]
) -> None:
    known = {"host": susa.url, "key": shop[1]}
    requests = list(printed(COLLECTION))
    assert len(requests) >= 15
    with httpx.Client(trust_env=False, timeout=180) as client:
        for one in requests:
            known["$uuid"] = str(uuid.uuid4())
            headers = {name: filled(value, known) for name, value in one.headers.items()}
            content = filled(one.body, known).encode() or None
            answer = client.request(
                one.method, filled(one.url, known), headers=headers, content=content
            )
            assert answer.status_code == one.status, f"{one.title}: {answer.text}"
            known |= {name: answer.json()[field] for name, field in one.keep.items()}


def test_the_page_of_the_documentation_asks_nobody_else(susa: Environment) -> None:
    page = httpx.get(f"{susa.url}/docs", trust_env=False)
    assert page.is_success
    assert re.findall(r"https?://[^\"'\s]+", page.text) == []
