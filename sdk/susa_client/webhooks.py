"""Whether a webhook is the post's: Standard Webhooks 1.0 (https://www.standardwebhooks.com)."""

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from susa_client.errors import SusaError
from susa_client.models.base import Answer
from susa_client.models.events import told

TOLERANCE_S: Final = 300
PREFIX: Final = "whsec_"


class NotGenuine(SusaError):  # noqa: N818 - said of a delivery
    """Not signed by the post with this secret, or too old: answer 400 and do nothing."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """`id` is the same at every attempt: dedupe by it. `sequence`: the number in your feed."""

    id: str
    type: str
    timestamp: datetime
    sequence: int | None
    data: dict[str, Any]

    def told(self) -> Answer:
        """The data as a model of its type."""
        return told(self.type, self.data)


def verify(
    body: bytes,
    headers: Mapping[str, str],
    secret: str | Sequence[str],
    *,
    tolerance_s: int = TOLERANCE_S,
    now: float | None = None,
) -> Delivery:
    """The delivery, if one of the secrets signed exactly this body lately; else NotGenuine.

    `body` is what came, byte for byte. Several secrets: while one is exchanged for another.
    """
    said = {name.lower(): value for name, value in headers.items()}
    try:
        id_, at, signatures = (said[f"webhook-{name}"] for name in ("id", "timestamp", "signature"))
    except KeyError as error:
        raise NotGenuine(f"the header {error.args[0]} is missing") from None
    if not (at.isascii() and at.isdecimal() and len(at) < 20):
        raise NotGenuine("webhook-timestamp is no number of seconds")
    if abs((time.time() if now is None else now) - int(at)) > tolerance_s:
        raise NotGenuine(f"signed at {at}, more than {tolerance_s} s from now")
    signed = b".".join((id_.encode(), at.encode(), body))
    secrets = [secret] if isinstance(secret, str) else secret
    expected = [hmac.digest(_key(one), signed, hashlib.sha256) for one in secrets]
    if not any(_same(one, expected) for one in signatures.split()):
        raise NotGenuine("no signature by this secret")
    return _read(id_, body)


def sign(id_: str, at: int, body: bytes, secret: str) -> str:
    """The `webhook-signature` of a delivery: to try one's own receiver out."""
    signed = b".".join((id_.encode(), str(at).encode(), body))
    digest = hmac.digest(_key(secret), signed, hashlib.sha256)
    return f"v1,{base64.b64encode(digest).decode()}"


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("a secret is whsec_ and base64, as register() showed it") from error


def _same(signature: str, expected: Sequence[bytes]) -> bool:
    version, _, encoded = signature.partition(",")
    if version != "v1":
        return False
    try:
        digest = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return False
    return any(hmac.compare_digest(digest, one) for one in expected)


def _read(id_: str, body: bytes) -> Delivery:
    try:
        found = json.loads(body)
        return Delivery(
            id_,
            found["type"],
            datetime.fromisoformat(found["timestamp"]),
            found.get("sequence"),
            found["data"],
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotGenuine("signed, but no event") from error
