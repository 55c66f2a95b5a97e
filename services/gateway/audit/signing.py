"""Signatures under heads and checkpoints, by the gateway's key, which is not in the database."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

from services.gateway.audit.domain import Head, Mark, canonical
from shared.auth import ALGORITHM, issuer_of, read_lasting, read_private


class Signer:
    """Compact JWS (Ed25519) under the gateway's key of the moment: it may be rotated."""

    def __init__(self, key: Callable[[], OKPKey]) -> None:
        self._key = key

    @classmethod
    def of(cls, keys: Path) -> "Signer":
        return cls(lambda: read_private(keys / "gateway.jwk"))

    def head(self, head: Head) -> str:
        return self._sign(_of_head(head))

    def mark(self, mark: Mark) -> str:
        return self._sign(_of_mark(mark))

    def _sign(self, claims: list[Any]) -> str:
        key = self._key()
        header = {"alg": ALGORITHM, "kid": key.kid}
        written = canonical(claims).encode()
        return jws.serialize_compact(header, written, key, algorithms=[ALGORITHM])


class Checker:
    """Whether a signature is the gateway's, by the public keys that it has or ever had."""

    def __init__(self, keys: KeySet) -> None:
        self._keys = KeySet([key for key in keys.keys if issuer_of(key.kid or "") == "gateway"])

    @classmethod
    def of(cls, keys: Path) -> "Checker":
        return cls(read_lasting(keys))

    def head(self, head: Head, signature: str) -> bool:
        return self._signed(_of_head(head), signature)

    def mark(self, mark: Mark, signature: str) -> bool:
        return self._signed(_of_mark(mark), signature)

    def _signed(self, claims: list[Any], signature: str) -> bool:
        try:
            found = jws.deserialize_compact(signature.encode(), self._keys, algorithms=[ALGORITHM])
            return bool(json.loads(found.payload) == claims)
        except (JoseError, ValueError, TypeError):
            return False


def _of_head(head: Head) -> list[Any]:
    return ["head", head.chain, head.seq, head.hash.hex()]


def _of_mark(mark: Mark) -> list[Any]:
    return ["checkpoint", mark.number, mark.hash.hex()]
