"""Signatures under heads and checkpoints, by a key of their own, which is not in the database.

The services' keys would not do: a rotation ends those, and what they signed with them.
"""

import json
from pathlib import Path
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from services.gateway.audit.domain import Head, Mark, canonical
from shared.auth import ALGORITHM, read_audit


class Signer:
    """Compact JWS (Ed25519) under the first of the audit's keys."""

    def __init__(self, keys: KeySet) -> None:
        self._key = next(iter(keys))

    @classmethod
    def of(cls, keys: Path) -> "Signer":
        return cls(read_audit(keys))

    def head(self, head: Head) -> str:
        return self._sign(_of_head(head))

    def mark(self, mark: Mark) -> str:
        return self._sign(_of_mark(mark))

    def _sign(self, claims: list[Any]) -> str:
        header = {"alg": ALGORITHM, "kid": self._key.kid}
        written = canonical(claims).encode()
        return jws.serialize_compact(header, written, self._key, algorithms=[ALGORITHM])


class Checker:
    """Whether a signature is of one of the audit's keys."""

    def __init__(self, keys: KeySet) -> None:
        self._keys = keys

    @classmethod
    def of(cls, keys: Path) -> "Checker":
        return cls(read_audit(keys))

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
