"""How the year proves who it is: by an API key, or as a client that signs (RFC 7523)."""

import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any, TypedDict

from joserfc import jwt
from joserfc.jwk import OKPKey

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_SECONDS = 60


class ClientKey(TypedDict):
    """A client of /oauth/token as it is kept: `jwk` is private, Ed25519."""

    client_id: str
    jwk: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Signing:
    client_id: str
    jwk: str = field(repr=False)
    """Private, as JSON."""

    def form(self, issuer: str) -> dict[str, str]:
        """A request for a token; its assertion is good for one."""
        now = int(time.time())
        key = OKPKey.import_key(json.loads(self.jwk))
        said = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": issuer,
            "jti": secrets.token_urlsafe(16),
            "iat": now,
            "exp": now + ASSERTION_SECONDS,
        }
        header = {"alg": "Ed25519", "kid": key.kid}
        return {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": jwt.encode(header, said, key, algorithms=["Ed25519"]),
        }


Key = str | Signing


def key_of(kept: str | ClientKey) -> Key:
    if isinstance(kept, str):
        return kept
    return Signing(kept["client_id"], json.dumps(kept["jwk"]))
