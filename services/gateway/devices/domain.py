"""Device keys, challenges and PINs. Pure."""

import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import timedelta
from itertools import pairwise
from typing import Final

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey

DEVICES_MAX: Final = 3
PIN_FAILURES_MAX: Final = 5
CHALLENGE_FOR: Final = timedelta(minutes=2)
ALGORITHM_OF: Final[Mapping[str, str]] = {"Ed25519": "Ed25519", "P-256": "ES256"}
"""By the key's curve: P-256 is what phones keep in hardware."""


class NotAKeyError(ValueError):
    """It is no public key of a curve that is taken."""


def key_of(public: Mapping[str, str]) -> OKPKey | ECKey:
    try:
        if public["kty"] == "OKP" and public["crv"] == "Ed25519" and "y" not in public:
            key: OKPKey | ECKey = OKPKey.import_key(dict(public))
        elif public["kty"] == "EC" and public["crv"] == "P-256":
            key = ECKey.import_key(dict(public))
        else:
            raise NotAKeyError
        _ = key.public_key  # parses the numbers
    except (JoseError, ValueError, KeyError, TypeError):
        raise NotAKeyError("no public key of Ed25519 or P-256") from None
    return key


def signs(public_key: str, assertion: str, challenge: str) -> bool:
    """Whether a compact JWS over the challenge is of the key, and of no other algorithm."""
    try:
        public = json.loads(public_key)
        algorithm = ALGORITHM_OF[public["crv"]]
        signed = jws.deserialize_compact(assertion.encode(), key_of(public), algorithms=[algorithm])
    except (JoseError, ValueError, KeyError, TypeError):
        return False
    return hmac.compare_digest(signed.payload, challenge.encode())


def new_challenge() -> str:
    return f"susa-device.{secrets.token_urlsafe(32)}"


def pin_fault(pin: str) -> str | None:
    steps = {int(b) - int(a) for a, b in pairwise(pin)}
    if steps in ({0}, {1}, {-1}):
        return "choose digits that are neither all the same nor in a row"
    return None


def pin_secret(pepper: bytes, pin: str) -> str:
    """What is hashed of a PIN: without the pepper a million tries would find it."""
    return hmac.digest(pepper, f"pin:{pin}".encode(), "sha256").hex()
