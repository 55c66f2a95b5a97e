"""A client of /oauth/token as a bank would write it: it signs, or has a certificate."""

import json
import uuid
from dataclasses import dataclass
from typing import Any, Self

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from shared.auth import Caller, Minter, read_private
from tests.conftest import Api
from tests.services.gateway.conftest import Gateway

ISSUER = "http://127.0.0.1:8000"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ADMIN, SECOND = (f"00000000-0000-7000-8000-00000000000{n}" for n in (1, 2))
THUMBPRINT, OTHER_THUMBPRINT = "A" * 43, "B" * 43
ALGORITHM = {"OKP": "Ed25519", "EC": "ES256", "RSA": "PS256"}
CERTIFICATE = "Susa-Client-Certificate"


async def manage(
    api: Api,
    method: str,
    path: str,
    body: Any = None,
    *,
    by: str = ADMIN,
    bound: bool = False,
    key: str = "",
) -> httpx.Response:
    """As staff with partners:write; `key`: the Idempotency-Key, where there is one."""
    minter = Minter("gateway", read_private(api.keys / "gateway.jwk"))
    caller = Caller(by, "staff", frozenset({"partners:write"}), bound=bound)
    headers = {"Authorization": f"Bearer {minter.token(caller)}"}
    if key:
        headers["Idempotency-Key"] = key
    return await api.client.request(method, f"/v1/partners{path}", json=body, headers=headers)


async def opened(api: Api, **fields: Any) -> str:
    answer = await manage(api, "POST", "", {"kind": "bank", "name": "بانک نمونه", **fields})
    assert answer.status_code == 201, answer.text
    made: str = answer.json()["id"]
    return made


def new_key(kind: str = "OKP") -> Key:
    made: Key
    match kind:
        case "EC":
            made = ECKey.generate_key("P-256")
        case "RSA":
            made = RSAKey.generate_key(2048)
        case _:
            made = OKPKey.generate_key("Ed25519")
    made.ensure_kid()
    return made


def public(key: Key) -> dict[str, Any]:
    return dict(key.as_dict(private=False))


@dataclass
class Bank:
    gateway: Gateway
    account: str
    id: str
    key: Key

    @classmethod
    async def opened(cls, gateway: Gateway, *scopes: str, **options: Any) -> Self:
        """Of a new account: signs with `key`, unless it has `certificates`."""
        key = options.pop("key", None) or new_key()
        account = options.pop("account", None) or await opened(gateway.api)
        proof = {} if "certificates" in options else {"public_keys": [public(key)]}
        wanted = {"label": "core", "scopes": list(scopes) or ["payments:execute"]}
        path = f"/{account}/clients"
        made = await manage(gateway.api, "POST", path, wanted | proof | options)
        assert made.status_code == 201, made.text
        return cls(gateway, account, made.json()["id"], key)

    @property
    def now(self) -> int:
        return int(self.gateway.api.clock.now().timestamp())

    def said(self, **changes: Any) -> dict[str, Any]:
        """The claims of an assertion; a change to None leaves one out."""
        claims = {
            "iss": self.id,
            "sub": self.id,
            "aud": ISSUER,
            "jti": str(uuid.uuid4()),
            "iat": self.now,
            "exp": self.now + 60,
            **changes,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def assertion(self, key: Key | None = None, alg: str = "", **changes: Any) -> str:
        used = key or self.key
        algorithm = alg or ALGORITHM[used.key_type]
        header = {"alg": algorithm, "kid": self.key.kid}
        return jwt.encode(header, self.said(**changes), used, algorithms=[algorithm])

    async def ask(
        self, assertion: str = "", headers: dict[str, str] | None = None, **form: Any
    ) -> httpx.Response:
        proof = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}
        sent = {"grant_type": "client_credentials", **(proof if assertion else {}), **form}
        return await self.gateway.client.post("/oauth/token", data=sent, headers=headers)

    async def token(self, **form: Any) -> str:
        answer = await self.ask(self.assertion(), **form)
        assert answer.status_code == 200, answer.text
        made: str = answer.json()["access_token"]
        return made

    async def certified(self, thumbprint: str) -> httpx.Response:
        """By its certificate alone, as the proxy says it."""
        return await self.ask(client_id=self.id, headers={CERTIFICATE: thumbprint})


def claims_of(token: str, jwks: dict[str, Any]) -> dict[str, Any]:
    """As whoever knows our JWKS reads it."""
    (key,) = jwks["keys"]
    return dict(jwt.decode(token, OKPKey.import_key(key), algorithms=["Ed25519"]).claims)


def told(answer: httpx.Response) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(answer.content)
    return body
