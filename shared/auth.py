"""Internal tokens: short-lived EdDSA JWTs (RFC 8037) that every service verifies offline.

The gateway mints them for partners and staff; each service mints its own for calls to a sister.
A service's key may speak for that service alone, the gateway's for anyone.
"""

import json
import os
import secrets
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

from shared.errors import Forbidden, Unauthenticated

World = Literal["live", "test"]
WORLDS: Final[tuple[World, ...]] = ("live", "test")
SERVICES: Final = ("offices", "parcels", "complaints", "gateway")
ALGORITHM: Final = "Ed25519"
AUDIENCE: Final = "susa"
LIFETIME_S: Final = 120
REFRESH_S: Final = 60
CACHE_MAX: Final = 4096
PEPPER: Final = "key_pepper"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: `id` is the account (UUID text), `anonymous` or a service's name.

    `session`: of people who signed in. `phone`: of a citizen, E.164; it answered a code just now.
    """

    id: str
    kind: str
    scopes: frozenset[str]
    world: World = "live"
    office: str | None = None
    session: str | None = None
    phone: str | None = field(default=None, repr=False)

    def require(self, scope: str) -> None:
        if scope in self.scopes:
            return
        if self.kind == "anonymous":
            raise Unauthenticated
        raise Forbidden(f"this needs the scope {scope}")

    @property
    def account(self) -> UUID:
        """The account on whose behalf is asked; Forbidden for services and nobody: have none."""
        try:
            return UUID(self.id)
        except ValueError:
            raise Forbidden("this needs a partner's or staff account") from None


ANONYMOUS: Final = Caller("anonymous", "anonymous", frozenset())


def service_caller(service: str, world: World = "live") -> Caller:
    return Caller(service, "service", frozenset({"internal"}), world)


class Minter:
    """Mints tokens with one service's private key; a caller's token is reused for a minute."""

    def __init__(self, issuer: str, key: OKPKey) -> None:
        self._issuer = issuer
        self._key = key
        self._minted: dict[Caller, tuple[float, str]] = {}

    def token(self, caller: Caller) -> str:
        now = time.time()
        cached = self._minted.get(caller)
        if cached is not None and cached[0] > now:
            return cached[1]
        claims: dict[str, Any] = {
            "iss": self._issuer,
            "aud": AUDIENCE,
            "sub": caller.id,
            "kind": caller.kind,
            "scope": " ".join(sorted(caller.scopes)),
            "world": caller.world,
            "iat": int(now),
            "exp": int(now) + LIFETIME_S,
        }
        optional = {"office": caller.office, "sid": caller.session, "phone": caller.phone}
        claims |= {name: value for name, value in optional.items() if value is not None}
        header = {"alg": ALGORITHM, "kid": self._issuer}
        token = jwt.encode(header, claims, self._key, algorithms=[ALGORITHM])
        if len(self._minted) >= CACHE_MAX:
            self._minted.clear()
        self._minted[caller] = (now + REFRESH_S, token)
        return token


class Verifier:
    """Verifies internal tokens against the public key set; a verified token is remembered."""

    def __init__(self, keys: KeySet) -> None:
        self._keys = keys
        self._known: dict[str, tuple[float, Caller]] = {}

    def caller(self, authorization: str | None) -> Caller:
        """The caller of an `Authorization: Bearer` header, else `Unauthenticated`."""
        if authorization is None:
            raise Unauthenticated
        known = self._known.get(authorization)
        now = time.time()
        if known is not None and known[0] > now:
            return known[1]
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthenticated
        expires_at, caller = self._verify(token.strip(), now)
        if len(self._known) >= CACHE_MAX:
            self._known.clear()
        self._known[authorization] = (expires_at, caller)
        return caller

    def _verify(self, token: str, now: float) -> tuple[float, Caller]:
        try:
            decoded = jwt.decode(token, self._keys, algorithms=[ALGORITHM])
            claims = decoded.claims
            issuer, subject = str(claims["iss"]), str(claims["sub"])
            expires_at, issued_at = float(claims["exp"]), float(claims["iat"])
            genuine = (
                claims["aud"] == AUDIENCE
                and decoded.header.get("kid") == issuer
                and issuer in {"gateway", subject}
                and issued_at <= now + 60
                and now < expires_at <= issued_at + LIFETIME_S
            )
            caller = Caller(
                subject,
                str(claims["kind"]),
                frozenset(str(claims["scope"]).split()),
                "test" if claims["world"] == "test" else "live",
                claims.get("office"),
                session=claims.get("sid"),
                phone=claims.get("phone"),
            )
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise Unauthenticated("the internal token does not verify") from error
        if not genuine:
            raise Unauthenticated("the internal token does not verify")
        return expires_at, caller


def ensure_keys(folder: Path, services: Iterable[str] = SERVICES) -> None:
    """Create the pepper, each service's private key (0600) and the public set, if missing."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _ensure_pepper(folder / PEPPER)
    public: list[Mapping[str, Any]] = []
    for service in services:
        path = folder / f"{service}.jwk"
        if not path.exists():
            key = OKPKey.generate_key("Ed25519", {"kid": service, "use": "sig"})
            path.touch(mode=0o600)
            path.write_text(json.dumps(key.as_dict(private=True)))
        public.append(read_private(path).as_dict(private=False))
    jwks = json.dumps({"keys": public})
    target = folder / "jwks.json"
    if not target.exists() or target.read_text() != jwks:
        target.write_text(jwks)


def _ensure_pepper(path: Path) -> None:
    """Whole or not at all, and never replaced: a lost pepper voids every API key."""
    if path.exists():
        return
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_hex(32))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first
    finally:
        draft.unlink()


def read_pepper(folder: Path) -> bytes:
    """What API keys are hashed under (256 bits)."""
    return bytes.fromhex((folder / PEPPER).read_text())


def read_private(path: Path) -> OKPKey:
    return OKPKey.import_key(json.loads(path.read_text()))


def read_public(path: Path) -> KeySet:
    return KeySet.import_key_set(json.loads(path.read_text()))
