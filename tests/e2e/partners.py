"""Accounts, clients and changes of Shebas that exist, for requests that are to come through."""

import time
import uuid
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
from joserfc import jwt
from joserfc.jwk import OKPKey
from typing_extensions import override

from tests.e2e.papers import Papers
from tests.e2e.people import Make

THUMBPRINT: Final = "A" * 43
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
OWN_PROOF: Final = frozenset({"POST /oauth/token"})
"""Who asks says so in the form, in one way only (RFC 6749, 2.3): not by a token beside it."""
COLLEAGUE: Final = ("--kind", "staff", "--name", "همکار", "--scopes", "partners:write")
"""Opened at the terminal: no account is behind it, so that it is a second person."""
TOKEN_USED_S: Final = 500
CHANGE: Final = {
    "sheba": "IR820540102680020817909002",
    "holder_name": "آزمون",
    "reason": "آزمون",
}


@dataclass
class Login(httpx.Auth):
    """A client that signs, with a token that is renewed in time: for operations that want one."""

    url: str
    client_id: str
    key: OKPKey
    _token: str = ""
    _until: float = field(default=float("-inf"))

    @property
    def token(self) -> str:
        if time.monotonic() >= self._until:
            self._token = self._renewed()
            self._until = time.monotonic() + TOKEN_USED_S
        return self._token

    def _renewed(self) -> str:
        about = httpx.get(
            f"{self.url}/.well-known/oauth-authorization-server", trust_env=False
        ).json()
        now = int(time.time())
        said = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": about["issuer"],
            "jti": str(uuid.uuid4()),
            "iat": now,
            "exp": now + 60,
        }
        header = {"alg": "Ed25519", "kid": self.key.kid}
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": jwt.encode(header, said, self.key, algorithms=["Ed25519"]),
        }
        answer = httpx.post(f"{self.url}/oauth/token", data=form, trust_env=False)
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["access_token"]
        return token

    @override
    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if "Authorization" not in request.headers:  # who names another asks as that one
            request.headers["Authorization"] = f"Bearer {self.token}"
        yield request


def login(url: str, make: Make, account: str, scopes: list[str]) -> Login:
    """A client of an account, made by whoever `make` asks as."""
    key = OKPKey.generate_key("Ed25519")
    key.ensure_kid()
    wanted = {"label": "all", "scopes": scopes, "public_keys": [key.as_dict(private=False)]}
    return Login(url, make(f"/v1/partners/{account}/clients", wanted)["id"], key)


def make_partners(url: str, make: Make, colleague: Mapping[str, str]) -> Papers:
    """What is to be approved a second member of staff has proposed, whom the terminal opened."""
    papers = Papers()

    def make_own(path: str, body: Any) -> Any:
        headers = {"Authorization": f"Bearer {colleague['key']}"}
        answer = httpx.post(f"{url}{path}", json=body, headers=headers, trust_env=False)
        assert answer.status_code == 201, answer.text
        return answer.json()

    second = login(url, make_own, colleague["id"], ["partners:write"])

    def account() -> str:
        made: str = make("/v1/partners", {"kind": "bank", "name": "بانک"})["id"]
        return made

    of_client, of_key = account(), account()
    scopes = {"label": "x", "scopes": ["parcels:read"]}
    client = make(f"/v1/partners/{of_client}/clients", scopes | {"certificates": [THUMBPRINT]})
    key = make(f"/v1/partners/{of_key}/keys", scopes)
    one = "/v1/partners/{partner_id}"
    proof = {"certificates": ["B" * 43]}
    papers.for_one(
        f"PUT {one}/clients/{{key_id}}", {"partner_id": of_client, "key_id": client["id"]}, proof
    )
    papers.for_one(f"POST {one}/clients", {"partner_id": of_client}, scopes | proof)
    for ending, body in (("rotate", {}), ("networks", {"allowed_networks": ["192.0.2.0/24"]})):
        method = "POST" if ending == "rotate" else "PUT"
        paths = {"partner_id": of_key, "key_id": key["id"]}
        papers.for_one(f"{method} {one}/keys/{{key_id}}/{ending}", paths, body)
    changes = f"{one}/sheba-changes"
    papers.for_one(f"POST {changes}", {"partner_id": account()}, CHANGE)
    for ending in ("approve", "reject"):
        holder = account()
        made = httpx.post(
            f"{url}/v1/partners/{holder}/sheba-changes", json=CHANGE, auth=second, trust_env=False
        )
        assert made.status_code == 201, made.text
        paths = {"partner_id": holder, "change_id": made.json()["id"]}
        papers.for_one(f"POST {changes}/{{change_id}}/{ending}", paths)
    papers.for_one(f"POST {one}/close", {"partner_id": account()})
    contact = {"role": "security", "name": "آزمون", "email": "a@bank.example"}
    papers.bodies[f"PUT {one}/contacts"] = {"contacts": [contact]}
    papers.bodies[f"PATCH {one}"] = {"quotas": {"reads": 600}}
    papers.bodies["POST /oauth/token"] = {
        "grant_type": "client_credentials",
        "client_id": key["id"],
        "client_secret": key["key"],
    }
    return papers
