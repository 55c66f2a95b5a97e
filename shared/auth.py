"""Internal tokens: short-lived EdDSA JWTs (RFC 8037) that every service verifies offline.

The gateway mints them for partners and staff; each service mints its own for calls to a sister.
A service's key may speak for that service alone, the gateway's for anyone.
"""

import json
import math
import os
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization, OKPKey

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
JWKS: Final = "jwks.json"
OAUTH: Final = "oauth.jwks"
RETIRED: Final = "retired.jwks"


class SenderNotConstrained(Forbidden):
    code, title = "sender_constrained", "A token that only its owner can use is required"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: `id` is the account (UUID text), `anonymous` or a service's name.

    `products`: the only ones that it may book. `bound`: it proved a key or certificate of its own,
    so that whoever copied what it sent could not send it.
    `session`: of people who signed in. `phone`: of a citizen, E.164; it answered a code just now.
    """

    id: str
    kind: str
    scopes: frozenset[str]
    world: World = "live"
    office: str | None = None
    products: frozenset[str] | None = None
    bound: bool = False
    session: str | None = None
    phone: str | None = field(default=None, repr=False)

    def require(self, scope: str) -> None:
        if scope in self.scopes:
            return
        if self.kind == "anonymous":
            raise Unauthenticated
        raise Forbidden(f"this needs the scope {scope}")

    def require_office(self, code: str | None) -> None:
        """Who works at one office acts for it alone."""
        if self.office not in {None, code}:
            raise Forbidden(f"you act for office {self.office} only")

    def require_bound(self) -> None:
        if not self.bound:
            raise SenderNotConstrained(
                "an API key is not enough here: get a token at /oauth/token as a client with"
                " private_key_jwt or a certificate"
            )

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
        self.key = key
        self._minted: dict[Caller, tuple[float, str]] = {}

    def use(self, key: OKPKey) -> None:
        """Mint with another key from now on."""
        self.key = key
        self._minted.clear()

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
        optional: dict[str, str | bool | None] = {
            "office": caller.office,
            "sid": caller.session,
            "phone": caller.phone,
            "bound": caller.bound or None,
            "products": None if caller.products is None else " ".join(sorted(caller.products)),
        }
        claims |= {name: value for name, value in optional.items() if value is not None}
        header = {"alg": ALGORITHM, "kid": self.key.kid}
        token = jwt.encode(header, claims, self.key, algorithms=[ALGORITHM])
        if len(self._minted) >= CACHE_MAX:
            self._minted.clear()
        self._minted[caller] = (now + REFRESH_S, token)
        return token


class Verifier:
    """Verifies internal tokens against the public key set; a verified token is remembered."""

    def __init__(self, keys: KeySet) -> None:
        self._keys = keys
        self._known: dict[str, tuple[float, Caller]] = {}

    def use(self, keys: KeySet) -> None:
        """Verify against other keys from now on; what an older one signed is looked at again."""
        self._keys = keys
        self._known.clear()

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
                and issuer_of(str(decoded.header.get("kid"))) == issuer
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
                products=frozenset(str(claims["products"]).split())
                if "products" in claims
                else None,
                bound=claims.get("bound") is True,
                session=claims.get("sid"),
                phone=claims.get("phone"),
            )
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise Unauthenticated("the internal token does not verify") from error
        if not genuine:
            raise Unauthenticated("the internal token does not verify")
        return expires_at, caller


def ensure_keys(folder: Path, services: Iterable[str] = SERVICES) -> None:
    """Create what is missing: pepper, partners' tokens' keys, services' keys (0600), public set."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _ensure_secret(folder / PEPPER, lambda: secrets.token_hex(32))
    _ensure_secret(folder / OAUTH, lambda: json.dumps(_new_key_set()))
    known = read_set(folder)
    for service in services:
        path = folder / f"{service}.jwk"
        if not path.exists():
            write_private(path, new_key(service, service))
        public = read_private(path).as_dict(private=False)
        if public not in known:
            known = [key for key in known if key["kid"] != public["kid"]] + [public]
    write_set(folder, known)


def _new_key_set() -> KeySetSerialization:
    return KeySet([new_oauth_key()]).as_dict(private=True)


def new_oauth_key() -> OKPKey:
    """Its id is its thumbprint."""
    key = OKPKey.generate_key("Ed25519", {"use": "sig", "alg": ALGORITHM})
    key.ensure_kid()
    return key


def _ensure_secret(path: Path, make: Callable[[], str]) -> None:
    """Whole or not at all, and never replaced: a lost pepper voids every API key."""
    if path.exists():
        return
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    draft.touch(mode=0o600)
    draft.write_text(make())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first
    finally:
        draft.unlink()


def read_pepper(folder: Path) -> bytes:
    """What API keys are hashed under (256 bits)."""
    return bytes.fromhex((folder / PEPPER).read_text())


def issuer_of(kid: str) -> str:
    """Whose key it is: `parcels` of `parcels` and of `parcels.20190321-1f3a`."""
    return kid.partition(".")[0]


def new_key(service: str, kid: str) -> OKPKey:
    assert issuer_of(kid) == service  # noqa: S101 - or it would sign for another
    return OKPKey.generate_key("Ed25519", {"kid": kid, "use": "sig"})


def read_oauth(folder: Path) -> KeySet:
    """Private keys of partners' tokens: the first signs, tokens of the others are still good."""
    return KeySet.import_key_set({"keys": read_oauth_set(folder)})


def read_oauth_set(folder: Path) -> list[dict[str, Any]]:
    """The same as they are written, those in force; one that a rotation retires has `exp`."""
    keys = json.loads((folder / OAUTH).read_text())["keys"]
    return [key for key in keys if in_force(key)]


def write_oauth_set(folder: Path, keys: Iterable[Mapping[str, Any]]) -> None:
    _replace(folder / OAUTH, json.dumps({"keys": list(keys)}), 0o600)


def read_lasting(folder: Path) -> KeySet:
    """Every public key that ever was: for what was signed for good, and for no token."""
    retired, now = read_retired(folder), read_set(folder)
    known = {key["kid"]: key for key in [*retired, *now]}
    return KeySet.import_key_set({"keys": list(known.values())})


def read_retired(folder: Path) -> list[dict[str, Any]]:
    path = folder / RETIRED
    keys: list[dict[str, Any]] = json.loads(path.read_text())["keys"] if path.exists() else []
    return keys


def write_retired(folder: Path, keys: Iterable[Mapping[str, Any]]) -> None:
    _replace(folder / RETIRED, json.dumps({"keys": list(keys)}), 0o644)


def read_private(path: Path) -> OKPKey:
    return OKPKey.import_key(json.loads(path.read_text()))


def write_private(path: Path, key: OKPKey) -> None:
    _replace(path, json.dumps(key.as_dict(private=True)), 0o600)


def read_public(path: Path) -> KeySet:
    """The keys in force; one that a rotation retires has the time of its end in `exp`."""
    keys = json.loads(path.read_text())["keys"]
    return KeySet.import_key_set({"keys": [key for key in keys if in_force(key)]})


def in_force(key: Mapping[str, Any]) -> bool:
    return bool(key.get("exp", math.inf) > time.time())


def read_set(folder: Path) -> list[dict[str, Any]]:
    """The public keys as they are written; none before the first start."""
    path = folder / JWKS
    keys: list[dict[str, Any]] = json.loads(path.read_text())["keys"] if path.exists() else []
    return keys


def write_set(folder: Path, keys: Iterable[Mapping[str, Any]]) -> None:
    """Those in force, whole or not at all; untouched where nothing changes."""
    jwks = json.dumps({"keys": [key for key in keys if in_force(key)]})
    path = folder / JWKS
    if not path.exists() or path.read_text() != jwks:
        _replace(path, jwks, 0o644)


def _replace(path: Path, text: str, mode: int) -> None:
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    draft.touch(mode=mode)
    draft.write_text(text)
    draft.replace(path)
